# The examples can be applied as they are, the connectors at DT included: there is no circle.

mock_provider "google" {
  source = "./tests/mocks"
}

mock_provider "random" {
  source = "./tests/mocks"
}

mock_provider "time" {
  source = "./tests/mocks"
}

mock_provider "dt" {
  mock_resource "dt_data_connector" {
    defaults = {
      name   = "projects/cvinmt9aq9sc738g6eog/dataconnectors/d0a1b2c3d4e5f6g7h8i9"
      status = "ACTIVE"
    }
  }
}

variables {
  project_id             = "plant-7-iot"
  region                 = "europe-north1"
  dt_project             = "cvinmt9aq9sc738g6eog"
  dt_organization        = "abcdefghijklmnopqrst"
  service_account        = { key_id = "abcdefgh12345678", email = "sa@p1.serviceaccount.d21s.com" }
  service_account_secret = "planted-api-0123456789"
  signature_secret       = "planted-signature-0123456789abcdef"
  kms_key_name           = "projects/plant-7-iot/locations/europe-north1/keyRings/iot/cryptoKeys/events"
  billing_account        = "012345-6789AB-CDEF01"
  email                  = "ops@example.com"
  topic                  = "projects/other-project-3/topics/sensor.events"
}

run "minimal" {
  module {
    source = "./examples/minimal"
  }
  assert {
    condition     = output.doctor.connectors == tolist(["projects/cvinmt9aq9sc738g6eog/dataconnectors/d0a1b2c3d4e5f6g7h8i9"]) && keys(output.doctor.functions) == ["configure", "receive", "recover"]
    error_message = "The connector that is made must be looked after."
  }
}

run "complete" {
  module {
    source = "./examples/complete"
  }
  assert {
    condition     = keys(output.doctor.functions) == ["configure", "receive", "recover", "sync"] && length(output.doctor.sinks) == 2
    error_message = "All functions are made, and events go to the topic and to the partner."
  }
}

run "projects" {
  module {
    source = "./examples/projects"
  }
  variables {
    # The mock names all connectors alike.
    dt_projects = { oslo = "cvinmt9aq9sc738g6eog" }
  }
  override_resource {
    target = module.connector.dt_data_connector.this["alarms"]
    values = { name = "projects/cvinmt9aq9sc738g6eog/dataconnectors/e0a1b2c3d4e5f6g7h8i9" }
  }
  assert {
    condition     = length(output.doctor.connectors) == 2 && output.doctor.sinks == ["gcp-pubsub://projects/other-project-3/topics/sensor.events"]
    error_message = "A connector a site is made, and one for alarms, to the topic that there is."
  }
}
