# Each kind of sink, made or of the customer's own.

mock_provider "heroku" {
  source = "./tests/mocks/heroku"
}

mock_provider "random" {
  source = "./tests/mocks/random"
}

variables {
  archive          = "./tests/source/before.tgz"
  signature_secret = "planted-signature-0123456789"
  log_drain_urls   = ["https://logs.example.com/drain"]
}

run "database" {
  command = apply

  variables {
    postgres = { plan = "standard-0" }
  }

  assert {
    condition     = heroku_addon.postgres[0].plan == "heroku-postgresql:standard-0" && heroku_addon.postgres[0].app_id == heroku_app.receive.id
    error_message = "The database is made with the app."
  }
  assert {
    condition     = heroku_app_config_association.receive.vars.DT_SINK == "postgres:" && keys(heroku_app_config_association.receive.sensitive_vars) == tolist(["DT_SIGNATURE_SECRET"])
    error_message = "Heroku sets DATABASE_URL, and this module does not."
  }
}

run "database_of_another_app" {
  command = apply

  variables {
    sink     = { existing = "postgresql-octagonal-12345" }
    postgres = { credential = "dt-functions" }
  }

  assert {
    condition     = length(heroku_addon.postgres) == 0 && data.heroku_addon.existing[0].name == "postgresql-octagonal-12345"
    error_message = "No database is made."
  }
  assert {
    condition = [for a in heroku_addon_attachment.postgres : [a.app_id, a.addon_id, a.name, a.namespace]] == [
      [heroku_app.receive.id, "aaaaaaaa-89ab-4cde-8f01-23456789abcd", "DATABASE", "credential:dt-functions"]
    ]
    error_message = "The database is attached as DATABASE_URL, by its id, with the credential."
  }
  assert {
    condition     = output.sinks == ["postgres:"] && output.database == "postgresql-octagonal-12345"
    error_message = "Events go there."
  }
}

run "database_elsewhere" {
  command = apply

  variables {
    sink             = { existing = "postgres://db.example.com:5432/events?sslmode=verify-full" }
    sink_credentials = { username = "dt:functions", password = "planted-pass/word@1" }
  }

  assert {
    condition     = length(heroku_addon.postgres) == 0 && length(heroku_addon_attachment.postgres) == 0 && output.database == null
    error_message = "No database is made or attached."
  }
  assert {
    condition     = heroku_app_config_association.receive.sensitive_vars.DATABASE_URL == "postgres://dt%3Afunctions:planted-pass%2Fword%401@db.example.com:5432/events?sslmode=verify-full"
    error_message = "DATABASE_URL has the login, percent-encoded, and is sensitive."
  }
  assert {
    condition     = heroku_app_config_association.receive.vars.DT_SINK == "postgres:" && output.sinks == ["postgres:"]
    error_message = "The sink is the database in DATABASE_URL."
  }
}

run "topic" {
  command = apply

  variables {
    sink             = { kind = "kafka", existing = "kafkas://broker1.example.com:9093/events?sasl=scram-sha-512&brokers=broker2.example.com:9093%2Cbroker3.example.com:9093", urls = ["https://events.example.com/in"] }
    sink_credentials = { username = "dt", password = "planted-password" }
  }

  assert {
    condition     = heroku_app_config_association.receive.sensitive_vars.DT_SINK == "kafkas://dt:planted-password@broker1.example.com:9093/events?sasl=scram-sha-512&brokers=broker2.example.com:9093%2Cbroker3.example.com:9093,https://events.example.com/in"
    error_message = "A topic's login is in sensitive_vars."
  }
  assert {
    condition     = heroku_app_config_association.receive.vars == tomap({ DT_DEAD_LETTER = "postgres:", DT_LOG_LEVEL = "info" })
    error_message = "The login is in no plain variable."
  }
  assert {
    condition     = output.sinks == ["kafkas://broker1.example.com:9093/events?sasl=scram-sha-512&brokers=broker2.example.com:9093%2Cbroker3.example.com:9093", "https://events.example.com/in"]
    error_message = "The output names the topic without its login."
  }
  assert {
    condition     = length(heroku_addon.postgres) == 1 && output.dead_letter == "postgres:"
    error_message = "Dead letters and checkpoints have a database."
  }
}

run "topic_without_login" {
  command = plan

  variables {
    sink   = { kind = "kafka", existing = "kafka://10.0.0.5:9092/events" }
    team   = "facilities"
    space  = "facilities-eu"
    region = "dublin"
    dynos  = { size = "private-s" }
  }

  assert {
    condition     = heroku_app_config_association.receive.vars.DT_SINK == "kafka://10.0.0.5:9092/events"
    error_message = "In a Private Space a topic needs neither encryption nor a login."
  }
}

run "forwarded" {
  command = plan

  variables {
    sink = { urls = ["https://events.example.com/in", "https://partner.example.com/in"] }
  }

  assert {
    condition     = heroku_app_config_association.receive.vars.DT_SINK == "postgres:,https://events.example.com/in,https://partner.example.com/in"
    error_message = "Events go to the database and on."
  }
  assert {
    condition     = heroku_app_config_association.receive.vars.DT_DEAD_LETTER == "postgres:"
    error_message = "Dead letters are not forwarded."
  }
}
