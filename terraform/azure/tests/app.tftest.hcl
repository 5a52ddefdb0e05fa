# What the archive holds (azure/app) and what the apps are set to belong together.

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
  schedules              = { sync = "0 3 * * *" }
  # The apply would run az.
  sync_timers = false
}

run "functions" {
  command = apply

  assert {
    condition     = toset([for f in fileset("../../azure/app", "*/function.json") : dirname(f)]) == toset(local.functions)
    error_message = "Each function of the archive must be turned off where it does not belong."
  }
  assert {
    condition     = [for f in local.functions : f if contains([for b in jsondecode(file("../../azure/app/${f}/function.json")).bindings : b.type], "httpTrigger")] == ["receive"]
    error_message = "receive alone may take requests."
  }
  assert {
    condition = endswith(output.endpoint, "/${jsondecode(file("../../azure/app/host.json")).extensions.http.routePrefix}/${one([
    for b in jsondecode(file("../../azure/app/receive/function.json")).bindings : b.route if b.type == "httpTrigger"])}")
    error_message = "The endpoint must be where receive listens."
  }
  assert {
    condition = alltrue([for f, app in azurerm_function_app_flex_consumption.job :
      one([for b in jsondecode(file("../../azure/app/${f}/function.json")).bindings : b.schedule if b.type == "timerTrigger"]) == "%${upper(f)}_SCHEDULE%" &&
    contains(keys(app.app_settings), "${upper(f)}_SCHEDULE")])
    error_message = "Each timer must find its schedule."
  }
}

run "names_of_settings" {
  command = plan

  variables {
    event_types      = ["temperature"]
    device_types     = ["temperature"]
    projects         = ["cvinmt9aq9sc738g6eog"]
    label_selector   = "floor in (1,2)"
    labels           = ["name"]
    label_defaults   = { name = "none" }
    organization_id  = "cvinmt9aq9sc738g6eoi"
    connector_config = { status = "ACTIVE" }
    settings         = { DT_ALLOW_SHA1 = "true", DT_OIDC_ISSUER = "https://identity.example.com/dc", DT_RECOVER_OVERLAP = "2h", DT_RECOVER_USER_DISABLED = "true", DT_API_URL = "https://api.example.com/v2", DT_TOKEN_URL = "https://identity.example.com/token" }
    sink             = { urls = ["https://events.example.com/"] }
  }

  assert {
    condition = alltrue(flatten([for app in concat([azurerm_function_app_flex_consumption.receive], values(azurerm_function_app_flex_consumption.job)) : [
    for setting in keys(app.app_settings) : strcontains(file("../../README.md"), "\n| ${setting} | ") if startswith(setting, "DT_")]]))
    error_message = "The program must know each setting."
  }
  assert {
    condition = toset([for setting in keys(azurerm_function_app_flex_consumption.receive.app_settings) : setting if startswith(setting, "DT_")]) == toset([
      "DT_ALLOW_SHA1", "DT_DEAD_LETTER", "DT_DEVICE_TYPES", "DT_EVENT_TYPES", "DT_FORWARD_SECRET", "DT_LABELS", "DT_LABEL_DEFAULTS", "DT_LABEL_SELECTOR", "DT_LOG_LEVEL",
    "DT_OIDC_ISSUER", "DT_ORGANIZATION_ID", "DT_PROJECTS", "DT_SIGNATURE_SECRET", "DT_SINK"])
    error_message = "receive must have its settings, and no other's."
  }
  assert {
    condition = { for f, app in azurerm_function_app_flex_consumption.job : f => [for setting in keys(app.app_settings) : setting if startswith(setting, "DT_")] if f != "recover" } == {
      sync      = ["DT_API_URL", "DT_CONNECTORS", "DT_LOG_LEVEL", "DT_ORGANIZATION_ID", "DT_SERVICE_ACCOUNT_EMAIL", "DT_SERVICE_ACCOUNT_KEY_ID", "DT_SERVICE_ACCOUNT_SECRET", "DT_SINK", "DT_TOKEN_URL"]
      configure = ["DT_API_URL", "DT_CONNECTORS", "DT_CONNECTOR_CONFIG", "DT_LOG_LEVEL", "DT_SERVICE_ACCOUNT_EMAIL", "DT_SERVICE_ACCOUNT_KEY_ID", "DT_SERVICE_ACCOUNT_SECRET", "DT_SIGNATURE_SECRET", "DT_SINK", "DT_TOKEN_URL"]
    }
    error_message = "sync and configure must have what they need, and what lets the program start."
  }
}
