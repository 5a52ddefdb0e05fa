# What is made at DT, and that every trap of the provider is avoided.

mock_provider "dt" {
  mock_resource "dt_data_connector" {
    defaults = {
      name   = "projects/cvinmt9aq9sc738g6eog/dataconnectors/d0a1b2c3d4e5f6g7h8i9"
      status = "ACTIVE"
    }
  }
}

variables {
  url = "https://abc.lambda-url.eu-north-1.on.aws/"
  connectors = {
    main = { project = "cvinmt9aq9sc738g6eog" }
  }
}

run "defaults" {
  command = plan

  assert {
    condition     = dt_data_connector.this["main"].type == "HTTP_PUSH" && dt_data_connector.this["main"].project == "cvinmt9aq9sc738g6eog"
    error_message = "The type and the bare project id must always be written."
  }
  assert {
    condition     = dt_data_connector.this["main"].http_config.url == var.url
    error_message = "The connector must post to url."
  }
  assert {
    condition     = dt_data_connector.this["main"].http_config.signature_secret == "" && length(dt_data_connector.this["main"].http_config.headers) == 0
    error_message = "null for headers or signature_secret leaves a tainted connector behind."
  }
  assert {
    condition     = dt_data_connector.this["main"].display_name == "dt-functions main" && dt_data_connector.this["main"].labels == tolist(["name"]) && length(dt_data_connector.this["main"].events) == 0
    error_message = "A connector without further words has a name, sends the label name, and all events."
  }
}

run "names" {
  command = apply

  assert {
    condition     = output.names == tolist(["projects/cvinmt9aq9sc738g6eog/dataconnectors/d0a1b2c3d4e5f6g7h8i9"]) && output.connectors["main"] == output.names[0]
    error_message = "The outputs must name the connectors as the cloud's module takes them."
  }
  assert {
    condition     = length(output.commands) == 0
    error_message = "What Terraform makes needs no commands."
  }
}

run "again" {
  command = plan

  assert {
    condition     = dt_data_connector.this["main"].name == run.names.names[0]
    error_message = "A second plan must keep the connector."
  }
}

run "secret_of_the_state_is_kept" {
  command = plan

  variables {
    signature_secret = "planted-another-than-before"
  }

  # It is ignored once the connector is there: configure and the rotation own it.
  assert {
    condition     = dt_data_connector.this["main"].http_config.signature_secret == ""
    error_message = "An apply must not put a secret back that was rotated."
  }
}

run "secret_of_a_new_connector" {
  command = plan

  variables {
    connectors       = { other = { project = "cvinmt9aq9sc738g6eog" } }
    signature_secret = "planted-from-the-first-event-on"
  }

  assert {
    condition     = dt_data_connector.this["other"].http_config.signature_secret == var.signature_secret
    error_message = "A new connector must sign from its first event on."
  }
}

run "several_projects" {
  command = plan

  variables {
    connectors = {
      cold  = { project = "aaaaaaaaaaaaaaaaaaaa", display_name = "Cold chain", events = ["temperature"], labels = ["name", "customer"] }
      doors = { project = "bbbbbbbbbbbbbbbbbbbb", events = ["objectPresent", "touch"] }
    }
  }

  override_resource {
    target          = dt_data_connector.this["cold"]
    override_during = plan
    values          = { name = "projects/aaaaaaaaaaaaaaaaaaaa/dataconnectors/c1" }
  }
  override_resource {
    target          = dt_data_connector.this["doors"]
    override_during = plan
    values          = { name = "projects/bbbbbbbbbbbbbbbbbbbb/dataconnectors/c2" }
  }

  assert {
    condition     = length(dt_data_connector.this) == 2 && dt_data_connector.this["cold"].labels == tolist(["name", "customer"]) && dt_data_connector.this["doors"].events == tolist(["objectPresent", "touch"])
    error_message = "Each connector must have its own events and labels."
  }
}

run "left_to_dtfn" {
  command = plan

  variables {
    manage_connector = false
    connectors = {
      main = { project = "cvinmt9aq9sc738g6eog", display_name = "Anna's", events = ["touch"], labels = ["name", "site"] }
      new  = { project = "cvinmt9aq9sc738g6eog" }
    }
    existing = { main = "projects/cvinmt9aq9sc738g6eog/dataconnectors/abc" }
  }

  expect_failures = [check.existing_are_named]

  assert {
    condition     = length(dt_data_connector.this) == 0 && output.names == tolist(["projects/cvinmt9aq9sc738g6eog/dataconnectors/abc"])
    error_message = "Nothing may be made, and what is there must be named."
  }
  assert {
    condition     = output.commands["new"] == "dtfn connector create projects/cvinmt9aq9sc738g6eog --url 'https://abc.lambda-url.eu-north-1.on.aws/' --display-name 'dt-functions new' --labels 'name'"
    error_message = "The command for a connector that is not there must make it."
  }
  assert {
    condition     = startswith(output.commands["main"], "echo '{\"displayName\":\"Anna'\\''s\"") && endswith(output.commands["main"], "| dtfn connector apply --config - projects/cvinmt9aq9sc738g6eog/dataconnectors/abc")
    error_message = "The command for a connector that is there must bring it to what is wanted, quoted for the shell."
  }
}
