# What is made by default, and that a second plan is empty.

mock_provider "heroku" {
  source = "./tests/mocks/heroku"
}

mock_provider "random" {
  source = "./tests/mocks/random"
}

variables {
  archive                = "./tests/source/before.tgz"
  signature_secret       = "planted-signature-0123456789"
  service_account        = { key_id = "cvinmt9aq9sc738g6eoh", email = "sensors@cvinmt9aq9sc738g6eog.serviceaccount.d21s.com" }
  service_account_secret = "planted-service-account"
  connectors             = ["projects/cvinmt9aq9sc738g6eog/dataconnectors/d0a1b2c3d4e5f6g7h8i9"]
  log_drain_urls         = ["https://logs.example.com/drain"]
}

run "defaults" {
  command = apply

  assert {
    condition     = heroku_app.receive.name == "dt-functions-a1b2" && heroku_app.receive.region == "eu" && heroku_app.receive.stack == "heroku-24"
    error_message = "The app has the name with four characters behind it."
  }
  assert {
    condition     = heroku_slug.receive.checksum == "SHA256:${filesha256("./tests/source/before.tgz")}" && heroku_slug.receive.file_path == "./tests/source/before.tgz"
    error_message = "The slug must follow its source's hash."
  }
  assert {
    condition     = heroku_slug.receive.process_types == tomap({ web = "bin/server" }) && heroku_app_release.receive.slug_id == heroku_slug.receive.id
    error_message = "The slug is released, and its program is the web process."
  }
  assert {
    condition     = heroku_formation.receive.type == "web" && heroku_formation.receive.quantity == 1 && heroku_formation.receive.size == "Basic" && length(heroku_app_feature.preboot) == 0
    error_message = "One Basic dyno receives."
  }
  assert {
    condition     = heroku_addon.postgres[0].plan == "heroku-postgresql:essential-0" && length(heroku_addon_attachment.postgres) == 0
    error_message = "A database is made."
  }
  assert {
    condition     = heroku_app_config_association.receive.vars == tomap({ DT_SINK = "postgres:", DT_DEAD_LETTER = "postgres:", DT_LOG_LEVEL = "info" })
    error_message = "receive stores in the database."
  }
  assert {
    condition     = output.endpoint == "https://dt-functions-a1b2-0123456789ab.herokuapp.com/" && output.domain_target == null
    error_message = "The endpoint is the address that Heroku gives the app."
  }
  assert {
    condition     = output.sinks == ["postgres:"] && output.dead_letter == "postgres:" && output.database == "postgresql-octagonal-12345"
    error_message = "The sink and the dead letters are in the database that is made."
  }
  assert {
    condition     = output.functions == { receive = "dt-functions-a1b2/web", configure = "dt-functions-a1b2/web", recover = "dt-functions-a1b2/web" } && output.apps == { receive = "dt-functions-a1b2" }
    error_message = "One process runs everything, and sync is off."
  }
}

run "doctor" {
  command = plan

  assert {
    condition = output.doctor == {
      version          = 1
      cloud            = "heroku"
      name             = "dt-functions"
      region           = "eu"
      endpoint         = output.endpoint
      sinks            = output.sinks
      dead_letter      = output.dead_letter
      connectors       = tolist(var.connectors)
      signature_secret = "heroku-config://dt-functions-a1b2/DT_SIGNATURE_SECRET"
      service_account = {
        key_id = "cvinmt9aq9sc738g6eoh"
        email  = "sensors@cvinmt9aq9sc738g6eog.serviceaccount.d21s.com"
        secret = "heroku-config://dt-functions-a1b2/DT_SERVICE_ACCOUNT_SECRET"
      }
      functions = output.functions
      schedules = {
        configure = { id = "dt-functions-a1b2/DT_SCHEDULE", expression = "*/5 * * * *" }
        recover   = { id = "dt-functions-a1b2/DT_SCHEDULE", expression = "*/15 * * * *" }
      }
      settings = { DT_LOG_LEVEL = "info" }
      wanted   = {}
    }
    error_message = "The output doctor must say all that dtfn doctor needs."
  }
}

run "again" {
  command = plan

  assert {
    condition     = output.endpoint == run.defaults.endpoint
    error_message = "A second plan must keep the endpoint."
  }
}

run "changed_source" {
  command = plan

  variables {
    archive = "./tests/source/after.tgz"
  }

  assert {
    condition     = heroku_slug.receive.checksum == "SHA256:${filesha256("./tests/source/after.tgz")}"
    error_message = "A changed source must be deployed."
  }
}
