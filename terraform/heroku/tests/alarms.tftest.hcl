# What Heroku cannot do is said, and what to alarm on is named.

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
}

# Where those who take logs have the token: in the query, in the path, in the login.
run "drains" {
  command = apply

  variables {
    log_drain_urls = [
      "https://http-intake.logs.example.com/api/v2/logs?dd-api-key=planted-key&ddsource=heroku&ddtags=env:prod,site:oslo",
      "https://logs.example.com:8443/bulk/planted-token/tag/heroku/",
      "https://axiom:planted-pass%2Fword@logs.example.com/v1/ingest/events",
      "https://logs.example.com?token=planted-token",
      "syslog+tls://logs.example.com:6514",
    ]
  }

  assert {
    condition     = [for d in heroku_drain.receive : [d.app_id, d.sensitive_url]] == [for u in var.log_drain_urls : [heroku_app.receive.id, u]]
    error_message = "Each drain gets the app's log."
  }
  assert {
    condition     = alltrue([for d in heroku_drain.receive : d.url == null && issensitive(d.sensitive_url)])
    error_message = "A drain's URL may have a token, and no plan prints it."
  }
  assert {
    condition     = length(heroku_drain.jobs) == 0
    error_message = "Where the jobs run in the same app, they write to the same log."
  }
}

run "again" {
  command = plan

  variables {
    log_drain_urls = [
      "https://http-intake.logs.example.com/api/v2/logs?dd-api-key=planted-key&ddsource=heroku&ddtags=env:prod,site:oslo",
      "https://logs.example.com:8443/bulk/planted-token/tag/heroku/",
      "https://axiom:planted-pass%2Fword@logs.example.com/v1/ingest/events",
      "https://logs.example.com?token=planted-token",
      "syslog+tls://logs.example.com:6514",
    ]
  }

  assert {
    condition     = length(heroku_drain.receive) == 5
    error_message = "A second plan must keep the drains."
  }
}

run "drains_begin" {
  command = apply

  variables {
    log_drain_urls = ["https://logs.example.com/drain?token=planted-first"]
  }

  assert {
    condition     = length(heroku_drain.receive) == 1
    error_message = "One drain is made."
  }
}

run "drains_go_to_the_end" {
  command = plan

  variables {
    log_drain_urls = ["https://logs.example.com/drain?token=planted-first", "https://logs.example.com/drain?token=planted-second"]
  }

  assert {
    condition     = heroku_drain.receive[0].sensitive_url == "https://logs.example.com/drain?token=planted-first" && heroku_drain.receive[0].token != null
    error_message = "A drain that is added at the end leaves the one before as it is."
  }
  assert {
    condition     = heroku_drain.receive[1].sensitive_url == "https://logs.example.com/drain?token=planted-second"
    error_message = "A drain is added."
  }
}

run "what_to_alarm_on" {
  command = plan

  variables {
    log_drain_urls = ["https://logs.example.com/drain"]
    alarms         = { no_events_minutes = 30, rejected = 7, slow_seconds = 3 }
  }

  assert {
    condition = { for k, a in output.alarms : k => [a.alarm, a.count, a.minutes] } == {
      no_events    = ["fewer than", 1, 30]
      rejected     = ["at least", 7, 5]
      dead_letters = ["at least", 1, 5]
      errors       = ["at least", 1, 5]
      slow         = ["at least", 1, 5]
      connector    = ["at least", 1, 5]
    }
    error_message = "The six alarms have the numbers that were set."
  }
  assert {
    condition = { for k, a in output.alarms : k => a.lines } == {
      no_events    = { msg = ["event"], outcome = ["accepted", "filtered", "duplicate"] }
      rejected     = { msg = ["event"], outcome = ["unauthorized"] }
      dead_letters = { msg = ["event"], outcome = ["dead-lettered"] }
      errors       = { level = ["ERROR"] }
      slow         = { msg = ["event"], "latencyMs >" = ["3000"] }
      connector    = { function = ["recover"], "report.status" = ["SYSTEM_DISABLED", "USER_DISABLED"] }
    }
    error_message = "The six alarms name the fields that the program logs."
  }
}

run "off" {
  command = plan

  variables {
    alarms = { enabled = false }
  }

  assert {
    condition     = length(output.alarms) == 0 && length(heroku_drain.receive) == 0
    error_message = "Who wants no alarms is told of none."
  }
}

run "drained_elsewhere" {
  command = plan

  variables {
    log_drain_elsewhere = true
    log_retention_days  = 365
  }

  assert {
    condition     = length(output.alarms) == 6
    error_message = "Whoever gets the logs otherwise is told what to alarm on."
  }
}

run "nobody_is_alarmed" {
  command = plan

  expect_failures = [check.alarms]
}

run "emails_are_told_nothing" {
  command = plan

  variables {
    log_drain_urls = ["https://logs.example.com/drain"]
    alarms         = { emails = ["ops@example.com"] }
  }

  expect_failures = [check.alarms]
}

run "notify_is_told_nothing" {
  command = plan

  variables {
    log_drain_urls = ["https://logs.example.com/drain"]
    alarms         = { notify = ["arn:aws:sns:eu-north-1:123456789012:ops"] }
  }

  expect_failures = [check.alarms]
}

run "nobody_keeps_logs" {
  command = plan

  variables {
    alarms             = { enabled = false }
    log_retention_days = 365
  }

  expect_failures = [check.log_retention]
}

run "tags_do_nothing" {
  command = plan

  variables {
    log_drain_urls = ["https://logs.example.com/drain"]
    tags           = { team = "facilities" }
  }

  expect_failures = [check.tags]
}
