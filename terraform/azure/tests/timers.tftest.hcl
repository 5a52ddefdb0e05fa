# The platform is told of the timers, when there is something to tell. No run applies with
# sync_timers = true: that would run az, which those in tests/az do.

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
}

# Ids that can be told apart.
override_resource {
  target = azurerm_function_app_flex_consumption.job["configure"]
  values = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/mock/providers/Microsoft.Web/sites/configure" }
}

override_resource {
  target = azurerm_function_app_flex_consumption.job["recover"]
  values = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/mock/providers/Microsoft.Web/sites/recover" }
}

run "by_hand" {
  command = apply

  variables {
    sync_timers = false
  }

  assert {
    condition     = length(terraform_data.timer_app) == 0 && length(time_sleep.timers) == 0 && length(terraform_data.timers) == 0
    error_message = "The apply must run nothing."
  }
  assert {
    condition = output.sync_timers == {
      configure = "az rest --method post --url 'https://management.azure.com/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/mock/providers/Microsoft.Web/sites/configure/syncfunctiontriggers?api-version=2022-03-01'"
      recover   = "az rest --method post --url 'https://management.azure.com/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/mock/providers/Microsoft.Web/sites/recover/syncfunctiontriggers?api-version=2022-03-01'"
    }
    error_message = "The output says what is to be run instead, for each app that has a timer."
  }
}

# What the apps were made with by the run before is known now.
run "by_the_apply" {
  command = plan

  assert {
    condition = { for f, data in terraform_data.timer_app : f => data.triggers_replace } == {
      configure = { app = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/mock/providers/Microsoft.Web/sites/configure", schedule = "0 */5 * * * *", archive = filesha256("./tests/source/before.zip") }
      recover   = { app = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/mock/providers/Microsoft.Web/sites/recover", schedule = "0 */15 * * * *", archive = filesha256("./tests/source/before.zip") }
    }
    error_message = "Another app, schedule or archive must be told of, by default."
  }
  assert {
    condition     = keys(terraform_data.timers) == ["configure", "recover"] && [for s in values(time_sleep.timers) : s.create_duration] == ["60s", "60s"]
    error_message = "It is said to each app again when it has had time to start."
  }
}

run "another_schedule" {
  command = plan

  variables {
    schedules = { recover = "0 3 * * SUN" }
  }

  assert {
    condition     = terraform_data.timer_app["configure"].triggers_replace.schedule == "0 */5 * * * *" && terraform_data.timer_app["recover"].triggers_replace.schedule == "0 0 3 * * SUN"
    error_message = "The app whose schedule changes must be told of, and that alone."
  }
}

run "another_archive" {
  command = plan

  variables {
    archive = "./tests/source/after.zip"
  }

  assert {
    condition     = alltrue([for data in terraform_data.timer_app : data.triggers_replace.archive == filesha256("./tests/source/after.zip")])
    error_message = "The timers of another package must be told of."
  }
}

run "deployed_otherwise" {
  command = plan

  variables {
    deploy = "zip"
  }

  assert {
    condition     = length(terraform_data.timer_app) == 0 && length(time_sleep.timers) == 0 && length(terraform_data.timers) == 0 && keys(output.sync_timers) == ["configure", "recover"]
    error_message = "The deployment endpoint tells the platform itself."
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
    condition     = length(terraform_data.timer_app) == 0 && length(time_sleep.timers) == 0 && length(terraform_data.timers) == 0 && output.sync_timers == {}
    error_message = "Without a timer nothing is run."
  }
}
