# Who may do what: one topic, one bucket, one namespace.

mock_provider "ibm" {
  source = "./tests/mocks/ibm"
}

mock_provider "random" {
  source = "./tests/mocks/random"
}

mock_provider "time" {}


variables {
  region                 = "eu-de"
  image                  = "private.de.icr.io/sensors/dt-functions:1.0.0"
  signature_secret       = "planted-signature-0123456789"
  service_account        = { key_id = "cvinmt9aq9sc738g6eoh" }
  service_account_secret = "planted-service-account"
  connectors             = ["projects/cvinmt9aq9sc738g6eog/dataconnectors/d0a1b2c3d4e5f6g7h8i9"]
}


override_resource {
  target = ibm_resource_instance.object_storage
  values = { id = "crn:v1:bluemix:public:cloud-object-storage:global:a/0123456789abcdef0123456789abcdef:55555555-6666-4777-8888-999999999999::", guid = "55555555-6666-4777-8888-999999999999" }
}

override_resource {
  target = ibm_iam_service_id.receive
  values = { iam_id = "iam-ServiceId-aaaaaaaa-1111-4222-8333-444444444444" }
}

override_resource {
  target = ibm_iam_service_id.scheduled
  values = { iam_id = "iam-ServiceId-bbbbbbbb-1111-4222-8333-444444444444", crn = "crn:v1:bluemix:public:iam-identity::a/0123456789abcdef0123456789abcdef::serviceid:ServiceId-bbbbbbbb-1111-4222-8333-444444444444" }
}

override_resource {
  target = ibm_iam_service_id.image
  values = { iam_id = "iam-ServiceId-cccccccc-1111-4222-8333-444444444444" }
}

run "least" {
  command = apply

  assert {
    condition = { for k, p in ibm_iam_service_policy.receive : k => merge({ for a in p.resource_attributes : a.name => a.value }, { who = p.iam_id, roles = join(",", p.roles) }) } == {
      cluster     = { who = "iam-ServiceId-aaaaaaaa-1111-4222-8333-444444444444", roles = "Reader", serviceName = "messagehub", serviceInstance = "11111111-2222-4333-8444-555555555555", resourceType = "cluster" }
      events      = { who = "iam-ServiceId-aaaaaaaa-1111-4222-8333-444444444444", roles = "Writer", serviceName = "messagehub", serviceInstance = "11111111-2222-4333-8444-555555555555", resourceType = "topic", resource = "dt-functions-events" }
      dead-letter = { who = "iam-ServiceId-aaaaaaaa-1111-4222-8333-444444444444", roles = "Writer", serviceName = "messagehub", serviceInstance = "11111111-2222-4333-8444-555555555555", resourceType = "topic", resource = "dt-functions-dead-letter" }
    }
    error_message = "receive may connect, and write to two topics."
  }
  assert {
    condition = { for k, p in ibm_iam_service_policy.scheduled : k => merge({ for a in p.resource_attributes : a.name => a.value }, { who = p.iam_id, roles = join(",", p.roles) }) } == {
      cluster     = { who = "iam-ServiceId-bbbbbbbb-1111-4222-8333-444444444444", roles = "Reader", serviceName = "messagehub", serviceInstance = "11111111-2222-4333-8444-555555555555", resourceType = "cluster" }
      events      = { who = "iam-ServiceId-bbbbbbbb-1111-4222-8333-444444444444", roles = "Writer", serviceName = "messagehub", serviceInstance = "11111111-2222-4333-8444-555555555555", resourceType = "topic", resource = "dt-functions-events" }
      dead-letter = { who = "iam-ServiceId-bbbbbbbb-1111-4222-8333-444444444444", roles = "Writer", serviceName = "messagehub", serviceInstance = "11111111-2222-4333-8444-555555555555", resourceType = "topic", resource = "dt-functions-dead-letter" }
      checkpoint  = { who = "iam-ServiceId-bbbbbbbb-1111-4222-8333-444444444444", roles = "Content Reader,Object Writer", serviceName = "cloud-object-storage", serviceInstance = "55555555-6666-4777-8888-999999999999", resourceType = "bucket", resource = "dt-functions-checkpoint-k3x9q2mz" }
    }
    error_message = "The other functions may keep checkpoints besides, in one bucket."
  }
  assert {
    condition     = alltrue(flatten([for p in concat(values(ibm_iam_service_policy.receive), values(ibm_iam_service_policy.scheduled), values(ibm_iam_service_policy.image)) : [for a in p.resource_attributes : a.operator == "stringEquals"]]))
    error_message = "Permissions are for what is named, not for what is like it."
  }
  assert {
    condition     = ibm_resource_key.checkpoint[0].role == "NONE" && ibm_resource_key.checkpoint[0].parameters == tomap({ HMAC = "true", serviceid_crn = "crn:v1:bluemix:public:iam-identity::a/0123456789abcdef0123456789abcdef::serviceid:ServiceId-bbbbbbbb-1111-4222-8333-444444444444" })
    error_message = "The HMAC credentials are that identity's, and bring no role of their own."
  }
  assert {
    condition     = ibm_iam_service_api_key.receive.iam_service_id == "iam-ServiceId-aaaaaaaa-1111-4222-8333-444444444444" && ibm_iam_service_api_key.scheduled[0].iam_service_id == "iam-ServiceId-bbbbbbbb-1111-4222-8333-444444444444"
    error_message = "Each identity has a key of its own."
  }
  assert {
    condition     = { for k, p in ibm_iam_service_policy.image : k => merge({ for a in p.resource_attributes : a.name => a.value }, { roles = join(",", p.roles) }) } == { pull = { roles = "Reader", serviceName = "container-registry", resourceType = "namespace", resource = "sensors" } }
    error_message = "Code Engine may pull from the image's namespace, and not push."
  }
}

run "services" {
  command = apply

  assert {
    condition     = [for p in ibm_iam_authorization_policy.logs_routing : [p.source_service_name, p.target_service_name, p.target_resource_instance_id, join(",", p.roles)]] == [["logs-router", "logs", "11111111-2222-4333-8444-555555555555", "Sender"]]
    error_message = "Logs Routing may send lines to the logs that are made."
  }
  assert {
    condition     = length(ibm_iam_authorization_policy.notifications) == 0 && length(ibm_iam_authorization_policy.event_streams_key) == 0 && length(ibm_iam_authorization_policy.object_storage_key) == 0 && length(time_sleep.event_streams_key_policy) == 0 && length(time_sleep.object_storage_key_policy) == 0
    error_message = "Other services may do nothing."
  }
}

run "a_key_of_ones_own" {
  command = apply

  variables {
    kms_key_crn   = "crn:v1:bluemix:public:kms:eu-de:a/0123456789abcdef0123456789abcdef:33333333-4444-4555-8666-777777777777:key:44444444-5555-4666-8777-888888888888"
    event_streams = { plan = "enterprise-3nodes-2tb" }
  }

  assert {
    condition     = ibm_cos_bucket.checkpoint[0].kms_key_crn == var.kms_key_crn && ibm_resource_instance.event_streams[0].parameters == tomap({ kms_key_crn = var.kms_key_crn }) && ibm_resource_instance.event_streams[0].plan == "enterprise-3nodes-2tb"
    error_message = "The bucket and the events are encrypted with the key."
  }
  assert {
    condition = { for p in concat(ibm_iam_authorization_policy.event_streams_key, ibm_iam_authorization_policy.object_storage_key) : p.source_service_name => merge({ for a in p.resource_attributes : a.name => a.value }, { roles = join(",", p.roles) }) } == {
      for s in ["messagehub", "cloud-object-storage"] : s => { roles = "Reader", accountId = "0123456789abcdef0123456789abcdef", serviceName = "kms", serviceInstance = "33333333-4444-4555-8666-777777777777", resourceType = "key", resource = "44444444-5555-4666-8777-888888888888" }
    }
    error_message = "Both services may use that key alone."
  }
  assert {
    condition     = ibm_iam_authorization_policy.object_storage_key[0].source_resource_instance_id == "55555555-6666-4777-8888-999999999999" && ibm_iam_authorization_policy.event_streams_key[0].source_resource_group_id == "fedcba9876543210fedcba9876543210"
    error_message = "Only this instance, and only this group's."
  }
}

run "waits" {
  command = apply

  variables {
    kms_key_crn   = "crn:v1:bluemix:public:kms:eu-de:a/0123456789abcdef0123456789abcdef:33333333-4444-4555-8666-777777777777:key:44444444-5555-4666-8777-888888888888"
    event_streams = { plan = "enterprise-3nodes-2tb" }
  }

  assert {
    condition     = [for t in [time_sleep.image_policies[0], time_sleep.event_streams_key_policy[0], time_sleep.object_storage_key_policy[0]] : t.create_duration] == ["60s", "60s", "60s"]
    error_message = "What needs a new policy waits until it is known everywhere."
  }
}

run "a_key_for_a_given_instance" {
  command = plan

  variables {
    kms_key_crn   = "crn:v1:bluemix:public:kms:eu-de:a/0123456789abcdef0123456789abcdef:33333333-4444-4555-8666-777777777777:key:44444444-5555-4666-8777-888888888888"
    event_streams = { existing = "crn:v1:bluemix:public:messagehub:eu-de:a/0123456789abcdef0123456789abcdef:99999999-8888-4777-8666-555555555555::" }
  }

  assert {
    condition     = length(ibm_iam_authorization_policy.event_streams_key) == 0 && length(ibm_iam_authorization_policy.object_storage_key) == 1
    error_message = "An instance that is given has a key of its own."
  }
}
