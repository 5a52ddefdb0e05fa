# The examples can be applied as they are.

mock_provider "dt" {
  mock_resource "dt_data_connector" {
    defaults = {
      name   = "projects/cvinmt9aq9sc738g6eog/dataconnectors/d0a1b2c3d4e5f6g7h8i9"
      status = "ACTIVE"
    }
  }
}

variables {
  project          = "cvinmt9aq9sc738g6eog"
  endpoint         = "https://receive.example.com/"
  signature_secret = "0123456789abcdef0123456789abcdef"
}

run "minimal" {
  module {
    source = "./examples/minimal"
  }
  assert {
    condition     = length(output.connectors) == 1
    error_message = "One connector is made."
  }
}

run "complete" {
  module {
    source = "./examples/complete"
  }
  assert {
    condition     = length(output.connectors) == 1
    error_message = "One connector is made."
  }
}

run "projects" {
  module {
    source = "./examples/projects"
  }
  variables {
    projects = { oslo = "cvinmt9aq9sc738g6eog", bergen = "cvinmt9aq9sc738g6eog" }
  }
  assert {
    condition     = length(output.connectors) == 3
    error_message = "A connector a site is made, and one for alarms."
  }
}
