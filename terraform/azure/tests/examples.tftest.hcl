# The examples can be applied as they are.

mock_provider "azurerm" {
  source = "./tests/mocks/azurerm"
}

mock_provider "random" {
  source = "./tests/mocks/random"
}

mock_provider "time" {
  source = "./tests/mocks/time"
}

mock_provider "dt" {
  source = "./tests/mocks/dt"
}

# An example does not name the providers time and random, so that their mocks do not reach
# it.
override_resource {
  target = module.dt_functions.random_string.suffix
  values = { result = "a1b2c3d4" }
}

override_resource {
  target = module.dt_functions.random_password.signature
  values = { result = "planted-random-0123456789abcdefghijklmnopqrstuvw" }
}

override_resource {
  target = module.dt_functions.random_password.forward
  values = { result = "planted-random-0123456789abcdefghijklmnopqrstuvw" }
}

override_resource {
  target = module.dt_functions.random_uuid.dashboard
  values = { result = "12345678-2222-3333-4444-555555555555" }
}

override_resource {
  target = module.dt_functions.time_sleep.secrets
}

override_resource {
  target = module.dt_functions.time_sleep.receive
}

override_resource {
  target = module.dt_functions.time_sleep.job
}

override_resource {
  target = module.dt_functions.time_static.budget
  values = { rfc3339 = "2026-03-17T12:30:00Z" }
}

variables {
  location               = "norwayeast"
  project                = "cvinmt9aq9sc738g6eog"
  service_account        = { key_id = "cvinmt9aq9sc738g6eoh", email = "sensors@cvinmt9aq9sc738g6eog.serviceaccount.d21s.com" }
  service_account_secret = "planted-service-account"
  # The apply would run az.
  sync_timers = false
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
    organization     = "cvinmt9aq9sc738g6eoi"
    signature_secret = "planted-signature-0123456789"
    email            = "ops@example.com"
    operator_ips     = ["192.0.2.0/24"]
  }
  assert {
    condition     = keys(output.doctor.functions) == ["configure", "receive", "recover", "sync"] && output.doctor.sinks == ["azure-servicebus://dt-sensors-a1b2c3d4.servicebus.windows.net/events", "https://events.example.com/dt"]
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
    projects = { oslo = "cvinmt9aq9sc738g6eoz", bergen = "cvinmt9aq9sc738g6eog" }
  }
  assert {
    condition     = length(output.doctor.connectors) == 3
    error_message = "A connector a site is made, and one for water."
  }
  assert {
    condition     = output.doctor.sinks == ["azure-eventhubs://dt-sites-a1b2c3d4.servicebus.windows.net/events"]
    error_message = "All events go to one hub."
  }
}
