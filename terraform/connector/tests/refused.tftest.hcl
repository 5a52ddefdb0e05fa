# One fault each.

mock_provider "dt" {}

variables {
  url = "https://receive-abc.a.run.app"
  connectors = {
    main = { project = "cvinmt9aq9sc738g6eog" }
  }
}

run "url_without_tls" {
  command = plan
  variables {
    url = "http://receive.example.com/"
  }
  expect_failures = [var.url]
}

run "url_with_a_password" {
  command = plan
  variables {
    url = "https://user:password@receive.example.com/"
  }
  expect_failures = [var.url]
}

run "no_connector" {
  command = plan
  variables {
    connectors = {}
  }
  expect_failures = [var.connectors]
}

run "project_in_the_documented_form" {
  command = plan
  variables {
    connectors = { main = { project = "projects/cvinmt9aq9sc738g6eog" } }
  }
  expect_failures = [var.connectors]
}

run "empty_display_name" {
  command = plan
  variables {
    connectors = { main = { project = "cvinmt9aq9sc738g6eog", display_name = " " } }
  }
  expect_failures = [var.connectors]
}

run "no_event_type" {
  command = plan
  variables {
    connectors = { main = { project = "cvinmt9aq9sc738g6eog", events = ["temperature events"] } }
  }
  expect_failures = [var.connectors]
}

run "an_event_twice" {
  command = plan
  variables {
    connectors = { main = { project = "cvinmt9aq9sc738g6eog", events = ["touch", "touch"] } }
  }
  expect_failures = [var.connectors]
}

run "an_empty_label" {
  command = plan
  variables {
    connectors = { main = { project = "cvinmt9aq9sc738g6eog", labels = [""] } }
  }
  expect_failures = [var.connectors]
}

run "a_short_secret" {
  command = plan
  variables {
    signature_secret = "short"
  }
  expect_failures = [var.signature_secret]
}

run "existing_of_another_form" {
  command = plan
  variables {
    manage_connector = false
    existing         = { main = "cvinmt9aq9sc738g6eog" }
  }
  expect_failures = [var.existing]
}

run "existing_of_another_project" {
  command = plan
  variables {
    manage_connector = false
    existing         = { main = "projects/other/dataconnectors/abc" }
  }
  expect_failures = [var.existing]
}

run "existing_besides_those_made" {
  command = plan
  variables {
    existing = { main = "projects/cvinmt9aq9sc738g6eog/dataconnectors/abc" }
  }
  expect_failures = [var.existing]
}

run "named_otherwise_by_dt" {
  command = apply
  override_resource {
    target = dt_data_connector.this
    values = { name = "projects/projects/dataconnectors/abc" }
  }
  expect_failures = [dt_data_connector.this["main"]]
}
