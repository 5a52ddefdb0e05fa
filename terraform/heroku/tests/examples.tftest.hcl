# The examples can be applied as they are.

mock_provider "heroku" {
  source = "./tests/mocks/heroku"
}

mock_provider "random" {
  source = "./tests/mocks/random"
}

mock_provider "dt" {
  source = "./tests/mocks/dt"
}

variables {
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
    team             = "facilities"
    domain           = "events.example.com"
    organization     = "cvinmt9aq9sc738g6eoi"
    signature_secret = "planted-signature-0123456789"
    log_drain_url    = "https://logs.example.com/drain?token=planted-drain"
  }
  assert {
    condition     = keys(output.doctor.functions) == ["configure", "receive", "recover", "sync"] && length(output.doctor.sinks) == 2
    error_message = "All functions are made, and both sinks."
  }
  assert {
    condition     = output.endpoint == "https://events.example.com/" && output.domain_target == "aaa-bbb-0123456789abcdef.herokudns.com"
    error_message = "DT posts to the domain."
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
    projects      = { oslo = "cvinmt9aq9sc738g6eoz", bergen = "cvinmt9aq9sc738g6eog" }
    database      = "postgresql-octagonal-12345"
    log_drain_url = "https://logs.example.com/drain?token=planted-drain"
  }
  assert {
    condition     = length(output.doctor.connectors) == 3
    error_message = "A connector a site is made, and one for water."
  }
}
