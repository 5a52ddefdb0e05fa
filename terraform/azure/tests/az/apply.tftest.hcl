# The apply tells the platform of the timers. That runs az, so these runs are apart from the
# others: tools/test-az.sh puts a stand-in before the PATH, and looks at what it was asked for.

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

run "first" {
  command = apply

  assert {
    condition     = keys(terraform_data.timers) == ["configure", "recover"]
    error_message = "Each app that has a timer is told of."
  }
}

run "again" {
  command = plan

  assert {
    condition     = output.endpoint == run.first.endpoint
    error_message = "A second plan says the same."
  }
}

run "another_schedule" {
  command = apply

  variables {
    schedules = { recover = "*/10 * * * *" }
  }

  assert {
    condition     = azurerm_function_app_flex_consumption.job["recover"].app_settings.RECOVER_SCHEDULE == "0 */10 * * * *"
    error_message = "The schedule is changed."
  }
}
