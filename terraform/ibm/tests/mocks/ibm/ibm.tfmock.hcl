# What IBM Cloud answers with. Real providers check some values also when mocked: ids of
# 32 digits, UUIDs, CRNs. Keys of functions are no planted secrets: the provider keeps them
# in attributes of its own, marked sensitive.

mock_resource "ibm_code_engine_project" {
  defaults = {
    id                = "15314cc3-85b4-4338-903f-c28cdee6d005"
    project_id        = "15314cc3-85b4-4338-903f-c28cdee6d005"
    account_id        = "0123456789abcdef0123456789abcdef"
    crn               = "crn:v1:bluemix:public:codeengine:eu-de:a/0123456789abcdef0123456789abcdef:15314cc3-85b4-4338-903f-c28cdee6d005::"
    region            = "eu-de"
    resource_group_id = "fedcba9876543210fedcba9876543210"
    resource_type     = "project_v2"
    status            = "active"
  }
}

mock_data "ibm_code_engine_project" {
  defaults = {
    id     = "4e49b3e0-27a8-48d2-a784-c7ee48bb863b"
    name   = "shared-project"
    region = "eu-de"
    status = "active"
  }
}

mock_data "ibm_resource_group" {
  defaults = {
    id   = "fedcba9876543210fedcba9876543210"
    name = "Default"
  }
}

# One CRN for all instances: that of a service whose CRN the provider checks.
mock_resource "ibm_resource_instance" {
  defaults = {
    id   = "crn:v1:bluemix:public:cloud-object-storage:global:a/0123456789abcdef0123456789abcdef:11111111-2222-4333-8444-555555555555::"
    crn  = "crn:v1:bluemix:public:cloud-object-storage:global:a/0123456789abcdef0123456789abcdef:11111111-2222-4333-8444-555555555555::"
    guid = "11111111-2222-4333-8444-555555555555"
    extensions = {
      "external_ingress"      = "11111111-2222-4333-8444-555555555555.ingress.eu-de.logs.cloud.ibm.com"
      "kafka_brokers_sasl.#"  = "3"
      "kafka_brokers_sasl.0"  = "broker-2-mock.kafka.svc01.eu-de.eventstreams.cloud.ibm.com:9093"
      "kafka_brokers_sasl.1"  = "broker-0-mock.kafka.svc01.eu-de.eventstreams.cloud.ibm.com:9093"
      "kafka_brokers_sasl.2"  = "broker-1-mock.kafka.svc01.eu-de.eventstreams.cloud.ibm.com:9093"
      "kafka_http_url"        = "https://mock.svc01.eu-de.eventstreams.cloud.ibm.com"
      "public.broker_version" = "3.8"
    }
  }
}

mock_data "ibm_resource_instance" {
  defaults = {
    id   = "crn:v1:bluemix:public:messagehub:eu-de:a/0123456789abcdef0123456789abcdef:99999999-8888-4777-8666-555555555555::"
    guid = "99999999-8888-4777-8666-555555555555"
    extensions = {
      "kafka_brokers_sasl.#" = "2"
      "kafka_brokers_sasl.0" = "broker-0-given.kafka.svc02.eu-de.eventstreams.cloud.ibm.com:9093"
      "kafka_brokers_sasl.1" = "broker-1-given.kafka.svc02.eu-de.eventstreams.cloud.ibm.com:9093"
    }
  }
}

mock_resource "ibm_event_streams_topic" {
  defaults = {
    id                 = "crn:v1:bluemix:public:messagehub:eu-de:a/0123456789abcdef0123456789abcdef:11111111-2222-4333-8444-555555555555:topic:mock"
    kafka_brokers_sasl = []
  }
}

mock_resource "ibm_cos_bucket" {
  defaults = {
    id  = "crn:v1:bluemix:public:cloud-object-storage:global:a/0123456789abcdef0123456789abcdef:11111111-2222-4333-8444-555555555555:bucket:mock:meta:rl:eu-de"
    crn = "crn:v1:bluemix:public:cloud-object-storage:global:a/0123456789abcdef0123456789abcdef:11111111-2222-4333-8444-555555555555:bucket:mock"
  }
}

mock_resource "ibm_iam_service_id" {
  defaults = {
    id     = "ServiceId-12345678-1234-4123-8123-123456789012"
    iam_id = "iam-ServiceId-12345678-1234-4123-8123-123456789012"
    crn    = "crn:v1:bluemix:public:iam-identity::a/0123456789abcdef0123456789abcdef::serviceid:ServiceId-12345678-1234-4123-8123-123456789012"
  }
}

mock_resource "ibm_iam_service_policy" {
  defaults = {
    id = "iam-ServiceId-12345678-1234-4123-8123-123456789012/cea6651a-bc0a-4438-9f8a-a0770bbf3ebb"
  }
}

mock_resource "ibm_iam_service_api_key" {
  defaults = {
    id     = "ApiKey-12345678-1234-4123-8123-123456789012"
    apikey = "mock-api-key"
  }
}

mock_resource "ibm_iam_authorization_policy" {
  defaults = {
    id = "cea6651a-bc0a-4438-9f8a-a0770bbf3ebc"
  }
}

mock_resource "ibm_resource_key" {
  defaults = {
    id = "crn:v1:bluemix:public:cloud-object-storage:global:a/0123456789abcdef0123456789abcdef:11111111-2222-4333-8444-555555555555:resource-key:22222222-3333-4444-8555-666666666666"
    credentials = {
      "cos_hmac_keys.access_key_id"     = "mock-access-key"
      "cos_hmac_keys.secret_access_key" = "mock-secret-key"
    }
    credentials_json = "{}"
  }
}

mock_resource "ibm_code_engine_app" {
  defaults = {
    id                = "15314cc3-85b4-4338-903f-c28cdee6d005/mock"
    app_id            = "e33b1cv7-7390-4437-a5c2-130d5ccdddc3"
    endpoint          = "https://dt-functions-receive.1a2b3c4d5e6f.eu-de.codeengine.appdomain.cloud"
    endpoint_internal = "http://mock.1a2b3c4d5e6f.svc.cluster.local"
    status            = "ready"
  }
}

mock_resource "ibm_code_engine_job" {
  defaults = {
    id = "15314cc3-85b4-4338-903f-c28cdee6d005/mock"
  }
}

mock_resource "ibm_cr_namespace" {
  defaults = {
    id = "mock"
  }
}

mock_resource "ibm_logs_alert_definition" {
  defaults = {
    id           = "eu-de/11111111-2222-4333-8444-555555555555/9fab83da-98cb-4f18-a7ba-b6f0435c9673"
    alert_def_id = "9fab83da-98cb-4f18-a7ba-b6f0435c9673"
  }
}

mock_resource "ibm_logs_dashboard" {
  defaults = {
    id           = "eu-de/11111111-2222-4333-8444-555555555555/6U1Q8Hpa263Se8PkRKaiE"
    dashboard_id = "6U1Q8Hpa263Se8PkRKaiE"
  }
}

mock_resource "ibm_en_topic" {
  defaults = {
    id       = "11111111-2222-4333-8444-555555555555/8ed9e5a2-0000-4000-8000-000000000001"
    topic_id = "8ed9e5a2-0000-4000-8000-000000000001"
  }
}

mock_data "ibm_en_destinations" {
  defaults = {
    destinations = [
      { id = "8ed9e5a2-0000-4000-8000-000000000002", name = "IBM Cloud SMS service", type = "sms_ibm", subscription_count = 0, subscription_names = [], updated_at = "" },
      { id = "8ed9e5a2-0000-4000-8000-000000000003", name = "IBM Cloud Email service", type = "smtp_ibm", subscription_count = 0, subscription_names = [], updated_at = "" },
    ]
  }
}
