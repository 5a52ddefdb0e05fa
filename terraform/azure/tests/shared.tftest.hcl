# What shared.tf refuses: one fault each. Nothing in the runs is a variable of one cloud alone.

mock_provider "azurerm" {
  source = "./tests/mocks/azurerm"
}

mock_provider "random" {
  source = "./tests/mocks/random"
}

mock_provider "time" {
  source = "./tests/mocks/time"
}

variables {
  location = "norwayeast"
  archive  = "./tests/source/before.zip"
}

run "name_in_capitals" {
  command = plan

  variables {
    name = "Sensors"
  }

  expect_failures = [var.name]
}

run "name_too_long" {
  command = plan

  variables {
    name = "a-name-of-21-letters1"
  }

  expect_failures = [var.name]
}

run "name_with_two_hyphens" {
  command = plan

  variables {
    name = "dt--functions"
  }

  expect_failures = [var.name]
}

run "name_ends_in_hyphen" {
  command = plan

  variables {
    name = "dt-"
  }

  expect_failures = [var.name]
}

run "tag_in_capitals" {
  command = plan

  variables {
    tags = { team = "Facilities" }
  }

  expect_failures = [var.tags]
}

run "tag_key_in_capitals" {
  command = plan

  variables {
    tags = { Team = "facilities" }
  }

  expect_failures = [var.tags]
}

run "event_type_is_none" {
  command = plan

  variables {
    event_types = ["temperature,touch"]
  }

  expect_failures = [var.event_types]
}

run "device_type_is_none" {
  command = plan

  variables {
    device_types = ["temperature,touch"]
  }

  expect_failures = [var.device_types]
}

run "project_with_its_collection" {
  command = plan

  variables {
    projects = ["projects/cvinmt9aq9sc738g6eog"]
  }

  expect_failures = [var.projects]
}

run "label_with_a_comma" {
  command = plan

  variables {
    labels = ["name,site"]
  }

  expect_failures = [var.labels]
}

run "label_default_with_a_quote" {
  command = plan

  variables {
    label_defaults = { site = "the \"site\"" }
  }

  expect_failures = [var.label_defaults]
}

run "label_default_of_a_label_that_stays" {
  command = plan

  variables {
    labels         = ["name", "site=place"]
    label_defaults = { place = "Oslo", site = "Oslo" }
  }

  expect_failures = [var.label_defaults]
}

run "label_default_of_two_labels" {
  command = plan

  variables {
    label_defaults = { "site,room" = "1" }
  }

  expect_failures = [var.label_defaults]
}

run "encoding_is_none" {
  command = plan

  variables {
    encoding = "json"
  }

  expect_failures = [var.encoding]
}

run "encoding_raw_with_labels" {
  command = plan

  variables {
    encoding = "raw"
    labels   = ["name"]
  }

  expect_failures = [var.encoding]
}

run "organization_with_its_collection" {
  command = plan

  variables {
    organization_id = "organizations/cvinmt9aq9sc738g6eog"
  }

  expect_failures = [var.organization_id]
}

run "connector_is_an_id" {
  command = plan

  variables {
    connectors             = ["d0a1b2c3d4e5f6g7h8i9"]
    service_account        = { key_id = "cvinmt9aq9sc738g6eoh" }
    service_account_secret = "planted-service-account"
  }

  expect_failures = [var.connectors]
}

run "connector_twice" {
  command = plan

  variables {
    connectors             = ["projects/cvinmt9aq9sc738g6eog/dataconnectors/d0a1b2c3d4e5f6g7h8i9", "projects/cvinmt9aq9sc738g6eog/dataconnectors/d0a1b2c3d4e5f6g7h8i9"]
    service_account        = { key_id = "cvinmt9aq9sc738g6eoh" }
    service_account_secret = "planted-service-account"
  }

  expect_failures = [var.connectors]
}

run "connector_status_is_none" {
  command = plan

  variables {
    connector_config = { status = "SYSTEM_DISABLED" }
  }

  expect_failures = [var.connector_config]
}

run "connector_header_is_a_secret" {
  command = plan

  variables {
    connector_config = { headers = { Authorization = "Basic eDp5" } }
  }

  expect_failures = [var.connector_config]
}

run "connector_header_is_no_name" {
  command = plan

  variables {
    connector_config = { headers = { "X Site" = "oslo" } }
  }

  expect_failures = [var.connector_config]
}

run "service_account_key_is_none" {
  command = plan

  variables {
    service_account = { key_id = "KEY" }
  }

  expect_failures = [var.service_account]
}

run "service_account_email_is_none" {
  command = plan

  variables {
    service_account = { key_id = "cvinmt9aq9sc738g6eoh", email = "sensors" }
  }

  expect_failures = [var.service_account]
}

run "service_account_missing" {
  command = plan

  variables {
    connectors             = ["projects/cvinmt9aq9sc738g6eog/dataconnectors/d0a1b2c3d4e5f6g7h8i9"]
    service_account_secret = "planted-service-account"
  }

  expect_failures = [var.service_account]
}

run "schedule_of_six_fields" {
  command = plan

  variables {
    schedules = { recover = "*/5 * * * * *" }
  }

  expect_failures = [var.schedules]
}

run "schedule_with_a_number_for_a_day" {
  command = plan

  variables {
    schedules = { recover = "0 3 * * 1" }
  }

  expect_failures = [var.schedules]
}

run "schedule_with_both_days" {
  command = plan

  variables {
    schedules = { recover = "0 3 1 * MON" }
  }

  expect_failures = [var.schedules]
}

run "alarm_email_is_none" {
  command = plan

  variables {
    alarms = { emails = ["ops"] }
  }

  expect_failures = [var.alarms]
}

run "alarm_minutes_not_everywhere" {
  command = plan

  variables {
    alarms = { no_events_minutes = 45 }
  }

  expect_failures = [var.alarms]
}

run "alarm_at_no_rejected" {
  command = plan

  variables {
    alarms = { rejected = 0 }
  }

  expect_failures = [var.alarms]
}

run "alarm_when_dt_has_given_up" {
  command = plan

  variables {
    alarms = { slow_seconds = 10 }
  }

  expect_failures = [var.alarms]
}

run "log_level_is_none" {
  command = plan

  variables {
    log_level = "trace"
    alarms    = { enabled = false }
  }

  expect_failures = [var.log_level]
}

run "log_level_without_what_alarms_count" {
  command = plan

  variables {
    log_level = "warn"
  }

  expect_failures = [var.log_level]
}

run "log_retention_not_everywhere" {
  command = plan

  variables {
    log_retention_days = 7
  }

  expect_failures = [var.log_retention_days]
}

run "setting_is_unknown" {
  command = plan

  variables {
    settings = { DT_SINK = "stdout://" }
  }

  expect_failures = [var.settings]
}
