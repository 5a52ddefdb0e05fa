# sync, configure and recover in an app of their own: the public one knows no DT service
# account, and the other cannot be reached.

mock_provider "heroku" {
  source = "./tests/mocks/heroku"
}

mock_provider "random" {
  source = "./tests/mocks/random"
}

variables {
  archive                = "./tests/source/before.tgz"
  signature_secret       = "planted-signature-0123456789"
  service_account        = { key_id = "cvinmt9aq9sc738g6eoh" }
  service_account_secret = "planted-service-account"
  connectors             = ["projects/cvinmt9aq9sc738g6eog/dataconnectors/d0a1b2c3d4e5f6g7h8i9"]
  log_drain_urls         = ["https://logs.example.com/drain?token=planted-drain"]
  separate_jobs          = true
}

override_resource {
  target = heroku_app.jobs[0]
  values = { id = "cccccccc-89ab-4cde-8f01-23456789abcd" }
}

override_resource {
  target = heroku_slug.jobs[0]
  values = { id = "dddddddd-89ab-4cde-8f01-23456789abcd" }
}

run "apps" {
  command = apply

  assert {
    condition     = heroku_app.jobs[0].name == "dt-functions-jobs-a1b2" && heroku_app.jobs[0].region == heroku_app.receive.region && heroku_app.jobs[0].stack == heroku_app.receive.stack
    error_message = "The jobs have an app of their own, beside the other."
  }
  assert {
    condition = alltrue([for r in [heroku_app_config_association.separate[0], heroku_slug.jobs[0], heroku_app_release.jobs[0], heroku_formation.jobs[0], heroku_addon_attachment.jobs[0], heroku_drain.jobs[0]] :
    r.app_id == heroku_app.jobs[0].id && r.app_id != heroku_app.receive.id])
    error_message = "Everything of the jobs belongs to their app."
  }
  assert {
    condition     = [heroku_drain.receive[0].sensitive_url, heroku_drain.jobs[0].sensitive_url] == [var.log_drain_urls[0], var.log_drain_urls[0]] && heroku_drain.jobs[0].url == null
    error_message = "Who gets the log gets that of both apps."
  }
  assert {
    condition     = heroku_slug.jobs[0].process_types == tomap({ worker = "bin/server" }) && heroku_formation.jobs[0].type == "worker" && heroku_formation.jobs[0].quantity == 1
    error_message = "The jobs have no web dyno: nobody can reach them."
  }
  assert {
    condition     = heroku_slug.jobs[0].checksum == heroku_slug.receive.checksum && heroku_app_release.jobs[0].slug_id == heroku_slug.jobs[0].id && heroku_app_release.receive.slug_id == heroku_slug.receive.id
    error_message = "Both run the same program, each its own slug of it."
  }
  assert {
    condition     = heroku_addon_attachment.jobs[0].addon_id == heroku_addon.postgres[0].id && heroku_addon_attachment.jobs[0].name == "DATABASE" && length(heroku_addon.postgres) == 1
    error_message = "Both use one database."
  }
  assert {
    condition     = alltrue([for k in concat(keys(heroku_app_config_association.receive.vars), keys(heroku_app_config_association.receive.sensitive_vars)) : !can(regex("SERVICE_ACCOUNT|CONNECTOR|SCHEDULE|CHECKPOINT", k))])
    error_message = "The public app knows nothing of connectors, and no service account."
  }
  assert {
    condition     = alltrue([for k, v in heroku_app_config_association.receive.vars : heroku_app_config_association.separate[0].vars[k] == v])
    error_message = "What recover fetches goes where receive stores, handled in the same way."
  }
  assert {
    condition     = keys(heroku_app_config_association.separate[0].sensitive_vars) == tolist(["DT_SERVICE_ACCOUNT_SECRET", "DT_SIGNATURE_SECRET"])
    error_message = "The jobs know the service account, and the secret that configure gives the connectors."
  }
  assert {
    condition     = length(heroku_app_config_association.jobs) == 0
    error_message = "Nothing of the jobs is set in the public app."
  }
  assert {
    condition     = output.functions == { receive = "dt-functions-a1b2/web", configure = "dt-functions-jobs-a1b2/worker", recover = "dt-functions-jobs-a1b2/worker" }
    error_message = "The output says where each runs."
  }
  assert {
    condition     = output.apps == { receive = "dt-functions-a1b2", jobs = "dt-functions-jobs-a1b2" } && output.app_ids == { receive = heroku_app.receive.id, jobs = heroku_app.jobs[0].id }
    error_message = "The output names both apps."
  }
  assert {
    condition     = output.doctor.service_account.secret == "heroku-config://dt-functions-jobs-a1b2/DT_SERVICE_ACCOUNT_SECRET" && output.doctor.schedules.recover.id == "dt-functions-jobs-a1b2/DT_SCHEDULE"
    error_message = "doctor must know which app has what."
  }
}

run "again" {
  command = plan

  assert {
    condition     = output.apps == run.apps.apps
    error_message = "A second plan must keep both apps."
  }
}

run "changed_source" {
  command = plan

  variables {
    archive = "./tests/source/after.tgz"
  }

  assert {
    condition     = heroku_slug.receive.checksum == "SHA256:${filesha256("./tests/source/after.tgz")}" && heroku_slug.jobs[0].checksum == heroku_slug.receive.checksum
    error_message = "A changed source must be deployed to both apps."
  }
}

run "database_of_another_app" {
  command = plan

  variables {
    sink     = { existing = "postgresql-octagonal-12345" }
    postgres = { credential = "dt-functions" }
  }

  assert {
    condition     = [for a in [heroku_addon_attachment.postgres[0], heroku_addon_attachment.jobs[0]] : [a.addon_id, a.namespace]] == [["aaaaaaaa-89ab-4cde-8f01-23456789abcd", "credential:dt-functions"], ["aaaaaaaa-89ab-4cde-8f01-23456789abcd", "credential:dt-functions"]]
    error_message = "Both attach it, with the credential."
  }
}

run "database_elsewhere" {
  command = plan

  variables {
    sink             = { existing = "postgres://db.example.com/events" }
    sink_credentials = { username = "dt", password = "planted-password" }
  }

  assert {
    condition     = length(heroku_addon_attachment.jobs) == 0 && nonsensitive(heroku_app_config_association.separate[0].sensitive_vars).DATABASE_URL == "postgres://dt:planted-password@db.example.com/events"
    error_message = "Both have its URL."
  }
}

run "nothing_to_run" {
  command = plan

  variables {
    connectors = []
  }

  assert {
    condition     = length(heroku_app.jobs) == 0 && length(heroku_addon_attachment.jobs) == 0 && length(heroku_drain.jobs) == 0
    error_message = "Without connectors there is one app."
  }
}

run "together_again" {
  command = plan

  variables {
    separate_jobs = false
  }

  assert {
    condition     = length(heroku_app_config_association.separate) == 0 && heroku_app_config_association.jobs[0].app_id == heroku_app.receive.id
    error_message = "What moves to another app is set there anew: the provider would leave it behind, too."
  }
}
