# What the variables of shared.tf refuse: one fault a run. Only the head of this file is
# this cloud's own.

mock_provider "google" {
  source = "./tests/mocks"
}

mock_provider "random" {
  source = "./tests/mocks"
}

mock_provider "time" {
  source = "./tests/mocks"
}

variables {
  project_id = "plant-7-iot"
  region     = "europe-north1"
}

run "refuses_name_short" {
  command = plan

  variables {
    name = "ab"
  }

  expect_failures = [var.name]
}

run "refuses_name_long" {
  command = plan

  variables {
    name = "abcdefghij-abcdefghij"
  }

  expect_failures = [var.name]
}

run "refuses_name_double_hyphen" {
  command = plan

  variables {
    name = "a--b"
  }

  expect_failures = [var.name]
}

run "refuses_name_capital" {
  command = plan

  variables {
    name = "DT"
  }

  expect_failures = [var.name]
}

run "refuses_tags" {
  command = plan

  variables {
    tags = { Team = "facilities" }
  }

  expect_failures = [var.tags]
}

run "refuses_event_types" {
  command = plan

  variables {
    event_types = ["temperature,touch"]
  }

  expect_failures = [var.event_types]
}

run "refuses_device_types" {
  command = plan

  variables {
    device_types = ["touch sensor"]
  }

  expect_failures = [var.device_types]
}

run "refuses_projects" {
  command = plan

  variables {
    projects = ["projects/cvinmt9aq9sc738g6eog"]
  }

  expect_failures = [var.projects]
}

run "refuses_labels" {
  command = plan

  variables {
    labels = ["a=b=c"]
  }

  expect_failures = [var.labels]
}

run "refuses_label_defaults" {
  command = plan

  variables {
    label_defaults = { "a,b" = "c" }
  }

  expect_failures = [var.label_defaults]
}

run "refuses_a_label_default_that_does_not_go_on" {
  command = plan

  variables {
    labels         = ["name", "site=place"]
    label_defaults = { place = "Oslo", site = "Oslo" }
  }

  expect_failures = [var.label_defaults]
}

run "refuses_encoding" {
  command = plan

  variables {
    encoding = "json"
  }

  expect_failures = [var.encoding]
}

run "refuses_encoding_with_labels" {
  command = plan

  variables {
    encoding = "raw"
    labels   = ["name"]
  }

  expect_failures = [var.encoding]
}

run "refuses_organization_id" {
  command = plan

  variables {
    organization_id = "organizations/abc"
  }

  expect_failures = [var.organization_id]
}

run "refuses_connector_names" {
  command = plan

  variables {
    connectors             = ["cvinmt9aq9sc738g6eog"]
    service_account        = { key_id = "abcdefgh12345678" }
    service_account_secret = "planted-api-secret"
  }

  expect_failures = [var.connectors]
}

run "refuses_connector_twice" {
  command = plan

  variables {
    connectors             = ["projects/p1/dataconnectors/c1", "projects/p1/dataconnectors/c1"]
    service_account        = { key_id = "abcdefgh12345678" }
    service_account_secret = "planted-api-secret"
  }

  expect_failures = [var.connectors]
}

run "refuses_connector_status" {
  command = plan

  variables {
    connector_config = { status = "SYSTEM_DISABLED" }
  }

  expect_failures = [var.connector_config]
}

run "refuses_connector_header" {
  command = plan

  variables {
    connector_config = { headers = { Authorization = "Basic YTpi" } }
  }

  expect_failures = [var.connector_config]
}

run "refuses_connector_header_form" {
  command = plan

  variables {
    connector_config = { headers = { "X Site" = "oslo" } }
  }

  expect_failures = [var.connector_config]
}

run "refuses_service_account_key" {
  command = plan

  variables {
    service_account = { key_id = "short" }
  }

  expect_failures = [var.service_account]
}

run "refuses_service_account_email" {
  command = plan

  variables {
    service_account = { key_id = "abcdefgh12345678", email = "nobody" }
  }

  expect_failures = [var.service_account]
}

run "refuses_service_account_missing" {
  command = plan

  variables {
    connectors             = ["projects/p1/dataconnectors/c1"]
    service_account_secret = "planted-api-secret"
  }

  expect_failures = [var.service_account]
}

run "refuses_schedule_form" {
  command = plan

  variables {
    schedules = { sync = "@hourly" }
  }

  expect_failures = [var.schedules]
}

run "refuses_schedule_numbered_day" {
  command = plan

  variables {
    schedules = { sync = "0 3 * * 1" }
  }

  expect_failures = [var.schedules]
}

run "refuses_schedule_two_days" {
  command = plan

  variables {
    schedules = { sync = "0 3 1 * MON" }
  }

  expect_failures = [var.schedules]
}

run "refuses_alarm_email" {
  command = plan

  variables {
    alarms = { emails = ["nobody"] }
  }

  expect_failures = [var.alarms]
}

run "refuses_alarm_minutes" {
  command = plan

  variables {
    alarms = { no_events_minutes = 45 }
  }

  expect_failures = [var.alarms]
}

run "refuses_alarm_rejected" {
  command = plan

  variables {
    alarms = { rejected = 0 }
  }

  expect_failures = [var.alarms]
}

run "refuses_alarm_slow" {
  command = plan

  variables {
    alarms = { slow_seconds = 10 }
  }

  expect_failures = [var.alarms]
}

run "refuses_log_level" {
  command = plan

  variables {
    log_level = "trace"
  }

  expect_failures = [var.log_level]
}

run "refuses_log_level_with_alarms" {
  command = plan

  variables {
    log_level = "warn"
  }

  expect_failures = [var.log_level]
}

run "refuses_log_retention" {
  command = plan

  variables {
    log_retention_days = 45
  }

  expect_failures = [var.log_retention_days]
}

run "refuses_settings" {
  command = plan

  variables {
    settings = { DT_SIGNATURE_SECRET = "no-place-for-it" }
  }

  expect_failures = [var.settings]
}
