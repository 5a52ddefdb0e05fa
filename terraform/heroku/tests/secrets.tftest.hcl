# Secrets are config vars: Heroku has no other place. Besides what is asserted here, no plan
# and no state of any test may have a text that begins with "planted-" but in random_password,
# in sensitive_vars and in the sensitive_url of a drain, and there it is marked sensitive.

mock_provider "heroku" {
  source = "./tests/mocks/heroku"
}

mock_provider "random" {
  source = "./tests/mocks/random"
}

variables {
  archive                = "./tests/source/before.tgz"
  service_account        = { key_id = "cvinmt9aq9sc738g6eoh" }
  service_account_secret = "planted-service-account"
  connectors             = ["projects/cvinmt9aq9sc738g6eog/dataconnectors/d0a1b2c3d4e5f6g7h8i9"]
  log_drain_urls         = ["https://logs.example.com/drain?token=planted-drain"]
}

override_resource {
  target = random_password.signature["odd"]
  values = { result = "planted-random-odd", bcrypt_hash = "planted-hash" }
}

override_resource {
  target = random_password.signature["even"]
  values = { result = "planted-random-even", bcrypt_hash = "planted-hash" }
}

run "random" {
  command = apply

  assert {
    condition     = heroku_app_config_association.receive.sensitive_vars == tomap({ DT_SIGNATURE_SECRET = "planted-random-odd" })
    error_message = "Without a secret one is made."
  }
  assert {
    condition     = heroku_app_config_association.jobs[0].sensitive_vars == tomap({ DT_SERVICE_ACCOUNT_SECRET = "planted-service-account" })
    error_message = "The service account's secret is in sensitive_vars."
  }
  assert {
    condition     = alltrue([for p in values(random_password.signature) : p.length == 48 && !p.special])
    error_message = "Random secrets have 48 letters and digits."
  }
  assert {
    condition     = output.signature_secret == "heroku-config://dt-functions-a1b2/DT_SIGNATURE_SECRET" && output.forward_secret == null
    error_message = "The output is a reference."
  }
}

run "again" {
  command = plan

  assert {
    condition     = random_password.signature["odd"].keepers == tomap({ turn = "1" })
    error_message = "A second plan must make no new secret."
  }
}

run "second" {
  command = apply

  variables {
    secrets_version = 2
  }

  assert {
    condition     = heroku_app_config_association.receive.sensitive_vars == tomap({ DT_SIGNATURE_SECRET = "planted-random-even", DT_SIGNATURE_SECRET_PREVIOUS = "planted-random-odd" })
    error_message = "A raised version takes the other secret, and accepts the one before."
  }
  assert {
    condition     = random_password.signature["odd"].keepers == tomap({ turn = "1" }) && random_password.signature["even"].keepers == tomap({ turn = "1" })
    error_message = "The secret before stays, and the other is made anew."
  }
}

run "third" {
  command = plan

  variables {
    secrets_version = 3
  }

  assert {
    condition     = nonsensitive(heroku_app_config_association.receive.sensitive_vars).DT_SIGNATURE_SECRET_PREVIOUS == "planted-random-even"
    error_message = "They take turns."
  }
  assert {
    condition     = random_password.signature["odd"].keepers == tomap({ turn = "2" }) && random_password.signature["even"].keepers == tomap({ turn = "1" })
    error_message = "The secret before stays, and the other is made anew."
  }
}

run "given" {
  command = plan

  variables {
    signature_secret          = "planted-signature-0123456789"
    signature_secret_previous = "planted-before-0123456789"
    secrets_version           = 4
    sink                      = { urls = ["https://events.example.com/"] }
  }

  assert {
    condition     = nonsensitive(heroku_app_config_association.receive.sensitive_vars).DT_SIGNATURE_SECRET == "planted-signature-0123456789" && nonsensitive(heroku_app_config_association.receive.sensitive_vars).DT_SIGNATURE_SECRET_PREVIOUS == "planted-before-0123456789"
    error_message = "Secrets that are given are used, and no random one is."
  }
  assert {
    condition     = length(random_password.forward) == 1 && output.forward_secret == "heroku-config://dt-functions-a1b2/DT_FORWARD_SECRET"
    error_message = "Forwarded events are signed with a secret of their own."
  }
}

run "given_alone" {
  command = plan

  variables {
    signature_secret = "planted-signature-0123456789"
    secrets_version  = 4
  }

  assert {
    condition     = keys(heroku_app_config_association.receive.sensitive_vars) == tolist(["DT_SIGNATURE_SECRET"])
    error_message = "A random secret that was never in use is not accepted."
  }
}

run "marked" {
  command = plan

  variables {
    signature_secret = "planted-signature-0123456789"
    sink             = { kind = "kafka", existing = "kafkas://broker.example.com:9093/events" }
    sink_credentials = { username = "dt", password = "planted-password" }
  }

  assert {
    condition     = issensitive(heroku_app_config_association.receive.sensitive_vars) && issensitive(heroku_app_config_association.jobs[0].sensitive_vars)
    error_message = "What has secrets is marked sensitive."
  }
  assert {
    condition     = heroku_drain.receive[0].sensitive_url == "https://logs.example.com/drain?token=planted-drain" && issensitive(heroku_drain.receive[0].sensitive_url) && heroku_drain.receive[0].url == null
    error_message = "The URL of a drain is marked sensitive, and is there once."
  }
  assert {
    condition     = alltrue([for v in [var.log_drain_urls, var.signature_secret, var.sink_credentials, var.service_account_secret] : issensitive(v)])
    error_message = "The variables that have secrets are marked sensitive."
  }
  assert {
    condition     = !issensitive(output.apps) && !issensitive(output.alarms) && !issensitive(length(heroku_drain.receive))
    error_message = "What is told about the logs is no secret, nor is the number of drains."
  }
  assert {
    condition     = !issensitive(heroku_app_config_association.receive.vars) && !issensitive(heroku_app_config_association.jobs[0].vars) && !issensitive(output.doctor)
    error_message = "What has none can be read in a plan."
  }
  assert {
    condition     = alltrue([for v in concat(values(heroku_app_config_association.receive.vars), values(heroku_app_config_association.jobs[0].vars)) : !strcontains(v, "planted-")])
    error_message = "No secret is among what can be read."
  }
  assert {
    condition     = length(heroku_app.receive.sensitive_config_vars == null ? {} : heroku_app.receive.sensitive_config_vars) == 0
    error_message = "The app itself sets no config vars: they would be there twice."
  }
}
