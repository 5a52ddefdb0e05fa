# When the scheduled functions run.

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
  location               = "norwayeast"
  archive                = "./tests/source/before.zip"
  signature_secret       = "planted-signature-0123456789"
  service_account        = { key_id = "cvinmt9aq9sc738g6eoh", email = "sensors@cvinmt9aq9sc738g6eog.serviceaccount.d21s.com" }
  service_account_secret = "planted-service-account"
  connectors             = ["projects/cvinmt9aq9sc738g6eog/dataconnectors/d0a1b2c3d4e5f6g7h8i9"]
  # The apply would run az.
  sync_timers = false
}

run "six_fields" {
  command = apply

  variables {
    schedules = { sync = "30 3 1 * *", configure = "0,30 6-18 * * MON-FRI", recover = "*/10 * * * *" }
  }

  assert {
    condition = { for f, a in azurerm_function_app_flex_consumption.job : f => { for k, v in a.app_settings : k => v if endswith(k, "_SCHEDULE") } } == {
      sync      = { SYNC_SCHEDULE = "0 30 3 1 * *" }
      configure = { CONFIGURE_SCHEDULE = "0 0,30 6-18 * * MON,TUE,WED,THU,FRI" }
      recover   = { RECOVER_SCHEDULE = "0 */10 * * * *" }
    }
    error_message = "Seconds come first, and each app has its own schedule alone."
  }
  assert {
    condition     = length([for k in keys(azurerm_function_app_flex_consumption.receive.app_settings) : k if endswith(k, "_SCHEDULE")]) == 0
    error_message = "receive has no schedule."
  }
  assert {
    condition     = { for f, s in output.doctor.schedules : f => s.expression } == { sync = "30 3 1 * *", configure = "0,30 6-18 * * MON-FRI", recover = "*/10 * * * *" }
    error_message = "The output has the five fields."
  }
}

# A range over the end of the week, days twice, and a single one.
run "days" {
  command = plan

  variables {
    schedules = { sync = "0 3 * * SUN", configure = "0 * * * FRI-MON", recover = "*/59 */23 * * TUE-WED,WED,SAT-SAT" }
  }

  assert {
    condition = { for f, a in azurerm_function_app_flex_consumption.job : f => a.app_settings["${upper(f)}_SCHEDULE"] } == {
      sync      = "0 0 3 * * SUN"
      configure = "0 0 * * * FRI,SAT,SUN,MON"
      recover   = "0 */59 */23 * * TUE,WED,SAT"
    }
    error_message = "Days are named one by one."
  }
}

run "off" {
  command = plan

  variables {
    schedules = { configure = "off", recover = "off" }
  }

  assert {
    condition     = length(azurerm_function_app_flex_consumption.job) == 0 && length(azurerm_storage_account.job) == 0 && length(azurerm_storage_container.checkpoint) == 0 && length(azurerm_role_assignment.job) == 0
    error_message = "What is off is not there."
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
    condition     = length(azurerm_function_app_flex_consumption.job) == 0 && length(azurerm_key_vault_secret.service_account) == 0 && output.doctor.service_account == null
    error_message = "Without connectors there is receive alone."
  }
}
