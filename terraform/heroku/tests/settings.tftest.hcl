# The settings, of one app and of two, and names at their longest.

mock_provider "heroku" {
  source = "./tests/mocks/heroku"
}

mock_provider "random" {
  source = "./tests/mocks/random"
}

variables {
  archive                = "./tests/source/before.tgz"
  signature_secret       = "planted-signature-0123456789"
  service_account        = { key_id = "cvinmt9aq9sc738g6eoh", email = "sensors@example.com" }
  service_account_secret = "planted-service-account"
  connectors             = ["projects/cvinmt9aq9sc738g6eog/dataconnectors/d0a1b2c3d4e5f6g7h8i9", "projects/cvinmt9aq9sc738g6eog/dataconnectors/e0a1b2c3d4e5f6g7h8i9"]
  schedules              = { sync = "0 3 * * *" }
  log_drain_urls         = ["https://logs.example.com/drain"]
}

run "all_settings" {
  command = apply

  variables {
    event_types     = ["temperature", "touch"]
    device_types    = ["temperature"]
    projects        = ["cvinmt9aq9sc738g6eog"]
    label_selector  = "floor in (1,2), !test"
    labels          = ["name", "site=place"]
    label_defaults  = { place = "Oslo, Norway" }
    organization_id = "cvinmt9aq9sc738g6eoi"
    log_level       = "debug"
    settings = {
      DT_RECOVER_OVERLAP = "90m", DT_RECOVER_USER_DISABLED = "true", DT_ALLOW_SHA1 = "true", DT_OIDC_ISSUER = "https://identity.example.com/",
      DT_API_URL         = "https://api.example.com/v2", DT_TOKEN_URL = "https://identity.example.com/token"
    }
    connector_config = { display_name = "Sensors", status = "ACTIVE", events = ["temperature"], labels = ["name"], headers = { X-Site = "oslo" } }
  }

  assert {
    condition = heroku_app_config_association.receive.vars == tomap({
      DT_SINK            = "postgres:"
      DT_DEAD_LETTER     = "postgres:"
      DT_EVENT_TYPES     = "temperature,touch"
      DT_DEVICE_TYPES    = "temperature"
      DT_PROJECTS        = "cvinmt9aq9sc738g6eog"
      DT_LABEL_SELECTOR  = "floor in (1,2), !test"
      DT_LABELS          = "name,site=place"
      DT_LABEL_DEFAULTS  = "place=\"Oslo, Norway\""
      DT_ORGANIZATION_ID = "cvinmt9aq9sc738g6eoi"
      DT_OIDC_ISSUER     = "https://identity.example.com/"
      DT_ALLOW_SHA1      = "true"
      DT_LOG_LEVEL       = "debug"
    })
    error_message = "All that was set must reach receive, and nothing of the connectors."
  }
  assert {
    condition = heroku_app_config_association.jobs[0].vars == tomap({
      DT_SCHEDULE               = "configure=*/5 * * * *; recover=*/15 * * * *; sync=0 3 * * *"
      DT_CHECKPOINT             = "postgres:"
      DT_CONNECTORS             = join(",", var.connectors)
      DT_CONNECTOR_CONFIG       = jsonencode(output.doctor.wanted)
      DT_SERVICE_ACCOUNT_KEY_ID = "cvinmt9aq9sc738g6eoh"
      DT_SERVICE_ACCOUNT_EMAIL  = "sensors@example.com"
      DT_API_URL                = "https://api.example.com/v2"
      DT_TOKEN_URL              = "https://identity.example.com/token"
      DT_RECOVER_OVERLAP        = "90m"
      DT_RECOVER_USER_DISABLED  = "true"
    })
    error_message = "All that was set must reach the scheduled functions, and nothing be set twice."
  }
  assert {
    condition     = output.doctor.settings == { for k, v in heroku_app_config_association.receive.vars : k => v if !contains(["DT_SINK", "DT_DEAD_LETTER"], k) }
    error_message = "doctor must know how events are handled."
  }
}

run "again" {
  command = plan

  variables {
    event_types     = ["temperature", "touch"]
    device_types    = ["temperature"]
    projects        = ["cvinmt9aq9sc738g6eog"]
    label_selector  = "floor in (1,2), !test"
    labels          = ["name", "site=place"]
    label_defaults  = { place = "Oslo, Norway" }
    organization_id = "cvinmt9aq9sc738g6eoi"
    log_level       = "debug"
    settings = {
      DT_RECOVER_OVERLAP = "90m", DT_RECOVER_USER_DISABLED = "true", DT_ALLOW_SHA1 = "true", DT_OIDC_ISSUER = "https://identity.example.com/",
      DT_API_URL         = "https://api.example.com/v2", DT_TOKEN_URL = "https://identity.example.com/token"
    }
    connector_config = { display_name = "Sensors", status = "ACTIVE", events = ["temperature"], labels = ["name"], headers = { X-Site = "oslo" } }
  }

  assert {
    condition     = output.doctor == run.all_settings.doctor
    error_message = "A second plan must say the same."
  }
}

run "raw" {
  command = plan

  variables {
    encoding = "raw"
  }

  assert {
    condition     = heroku_app_config_association.receive.vars.DT_ENCODING == "raw" && !contains(keys(heroku_app_config_association.jobs[0].vars), "DT_ENCODING")
    error_message = "The raw body must go on."
  }
}

run "longest_name" {
  command = plan

  variables {
    name          = "a-name-of-20-letters"
    separate_jobs = true
  }

  assert {
    condition     = heroku_app.receive.name == "a-name-of-20-letters-a1b2" && heroku_app.jobs[0].name == "a-name-of-20-letters-jobs-a1b2" && length(heroku_app.jobs[0].name) == 30
    error_message = "Names of apps have at most 30 characters."
  }
}

run "name_of_the_app" {
  command = plan

  variables {
    app_name      = "an-app-name-of-25-letters"
    separate_jobs = true
  }

  assert {
    condition     = heroku_app.receive.name == "an-app-name-of-25-letters" && heroku_app.jobs[0].name == "an-app-name-of-25-letters-jobs" && length(heroku_app.jobs[0].name) == 30
    error_message = "An app's name can be given."
  }
}
