# The examples can be applied as they are.

mock_provider "ibm" {
  source = "./tests/mocks/ibm"
}

mock_provider "random" {
  source = "./tests/mocks/random"
}

mock_provider "time" {}

mock_provider "dt" {
  source = "./tests/mocks/dt"
}

variables {
  image                  = "private.de.icr.io/sensors/dt-functions:1.0.0"
  project                = "cvinmt9aq9sc738g6eog"
  service_account        = { key_id = "cvinmt9aq9sc738g6eoh", email = "sensors@cvinmt9aq9sc738g6eog.serviceaccount.d21s.com" }
  service_account_secret = "planted-service-account"
}

run "minimal" {
  module {
    source = "./examples/minimal"
  }
  assert {
    condition     = output.doctor.connectors == tolist(["projects/cvinmt9aq9sc738g6eog/dataconnectors/d0a1b2c3d4e5f6g7h8i9"]) && output.doctor.endpoint == output.endpoint
    error_message = "The connector that is made is the one that is looked after."
  }
}

run "complete" {
  module {
    source = "./examples/complete"
  }
  variables {
    resource_group_id = "0123456789abcdef0123456789abcdef"
    source_url        = "https://git.example.com/sensors/dt-functions"
    source_revision   = "v1.0.0"
    run_build         = false
    kms_key_crn       = "crn:v1:bluemix:public:kms:eu-de:a/0123456789abcdef0123456789abcdef:33333333-4444-4555-8666-777777777777:key:44444444-5555-4666-8777-888888888888"
    organization      = "cvinmt9aq9sc738g6eoi"
    signature_secret  = "planted-signature-0123456789"
    email             = "ops@example.com"
    integration       = "7"
  }
  assert {
    condition     = output.doctor.name == "cold-chain" && output.doctor.settings.DT_LABELS == "name,site,room=zone" && keys(output.doctor.schedules) == ["configure", "recover", "sync"] && keys(output.doctor.functions) == ["configure", "receive", "recover", "schedules", "sync"] && length(output.doctor.sinks) == 2
    error_message = "All functions are made, and both sinks."
  }
}

run "projects" {
  module {
    source = "./examples/projects"
  }
  # Here each connector needs a name of its own.
  override_resource {
    target = module.connector.dt_data_connector.this["bergen"]
    values = { name = "projects/cvinmt9aq9sc738g6eog/dataconnectors/bergen" }
  }
  override_resource {
    target = module.connector.dt_data_connector.this["oslo"]
    values = { name = "projects/cvinmt9aq9sc738g6eoz/dataconnectors/oslo" }
  }
  override_resource {
    target = module.connector.dt_data_connector.this["bergen-water"]
    values = { name = "projects/cvinmt9aq9sc738g6eog/dataconnectors/water" }
  }
  variables {
    projects  = { oslo = "cvinmt9aq9sc738g6eoz", bergen = "cvinmt9aq9sc738g6eog" }
    topic_crn = "crn:v1:bluemix:public:messagehub:eu-de:a/0123456789abcdef0123456789abcdef:99999999-8888-4777-8666-555555555555:topic:sensors"
    logs_crn  = "crn:v1:bluemix:public:logs:eu-de:a/0123456789abcdef0123456789abcdef:77777777-8888-4999-8aaa-bbbbbbbbbbbb::"
  }
  assert {
    condition     = length(output.doctor.connectors) == 3
    error_message = "A connector a site is made, and one for water."
  }
  assert {
    condition     = output.doctor.sinks == ["kafkas://broker-0-given.kafka.svc02.eu-de.eventstreams.cloud.ibm.com:9093/sensors?brokers=broker-1-given.kafka.svc02.eu-de.eventstreams.cloud.ibm.com:9093"]
    error_message = "Events go to the topic that is there."
  }
}
