# When the functions run, and where: DT_SCHEDULE, in the app that receives or in one of its
# own. The server does not start with a schedule that it cannot read.

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
  log_drain_urls         = ["https://logs.example.com/drain"]
}

run "every_some_minutes" {
  command = apply

  assert {
    condition = heroku_app_config_association.jobs[0].vars == tomap({
      DT_SCHEDULE               = "configure=*/5 * * * *; recover=*/15 * * * *"
      DT_CHECKPOINT             = "postgres:"
      DT_CONNECTORS             = "projects/cvinmt9aq9sc738g6eog/dataconnectors/d0a1b2c3d4e5f6g7h8i9"
      DT_SERVICE_ACCOUNT_KEY_ID = "cvinmt9aq9sc738g6eoh"
    })
    error_message = "The settings of what runs are set at once, without those that receive has already."
  }
  assert {
    condition     = heroku_app_config_association.jobs[0].app_id == heroku_app.receive.id && length(heroku_app.jobs) == 0 && length(heroku_formation.jobs) == 0
    error_message = "What runs on a schedule runs in the app that receives."
  }
}

run "days" {
  command = plan

  variables {
    schedules = { sync = "0 6 * * MON-FRI", configure = "30 */6 1,15 1-6 *", recover = "0,30 8-17 * * SAT-MON,WED" }
  }

  assert {
    condition     = heroku_app_config_association.jobs[0].vars.DT_SCHEDULE == "configure=30 */6 1,15 1-6 *; recover=0,30 8-17 * * SAT,SUN,MON,WED; sync=0 6 * * MON,TUE,WED,THU,FRI"
    error_message = "Days of the week become a list, also across the end of a week, which the server does not read as a range."
  }
}

run "day_that_comes_rarely" {
  command = plan

  variables {
    schedules = { sync = "0 0 29 2 *", configure = "0 0 31 1,12 *" }
  }

  assert {
    condition     = startswith(heroku_app_config_association.jobs[0].vars.DT_SCHEDULE, "configure=0 0 31 1,12 *; recover=*/15 * * * *; sync=0 0 29 2 *")
    error_message = "The 29th of February comes."
  }
}

run "off" {
  command = plan

  variables {
    schedules = { sync = "0 3 * * *", configure = "off", recover = "off" }
  }

  assert {
    condition     = heroku_app_config_association.jobs[0].vars.DT_SCHEDULE == "sync=0 3 * * *" && !contains(keys(heroku_app_config_association.jobs[0].vars), "DT_CHECKPOINT")
    error_message = "What is off does not run, and what it alone needs is not set."
  }
}

run "all_off" {
  command = plan

  variables {
    schedules     = { configure = "off", recover = "off" }
    separate_jobs = true
  }

  assert {
    condition     = length(heroku_app_config_association.jobs) == 0 && length(heroku_app.jobs) == 0 && keys(output.functions) == ["receive"]
    error_message = "Without schedules there is receive alone."
  }
}

run "without_connectors" {
  command = plan

  variables {
    connectors             = []
    service_account        = null
    service_account_secret = null
  }

  assert {
    condition     = length(heroku_app_config_association.jobs) == 0 && output.doctor.service_account == null && length(output.doctor.schedules) == 0
    error_message = "Without connectors there is receive alone."
  }
}

run "minute_60" {
  command = plan

  variables {
    schedules = { recover = "60 * * * *" }
  }

  expect_failures = [output.functions]
}

run "step_of_0" {
  command = plan

  variables {
    schedules = { recover = "*/0 * * * *" }
  }

  expect_failures = [output.functions]
}

run "range_downwards" {
  command = plan

  variables {
    schedules = { recover = "0 17-8 * * *" }
  }

  expect_failures = [output.functions]
}

run "month_13" {
  command = plan

  variables {
    schedules = { recover = "0 0 1 13 *" }
  }

  expect_failures = [output.functions]
}

run "day_that_never_comes" {
  command = plan

  variables {
    schedules = { recover = "0 0 30,31 2 *" }
  }

  expect_failures = [output.functions]
}
