# The functions' settings, the host's, and names at their longest.

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

# receive does not take its settings from shared.tf: that would be a circle.
run "all_settings" {
  command = apply

  variables {
    schedules        = { sync = "0 3 * * *" }
    event_types      = ["temperature", "touch"]
    device_types     = ["temperature"]
    projects         = ["cvinmt9aq9sc738g6eog"]
    label_selector   = "floor in (1,2)"
    labels           = ["name", "room=place", "site"]
    label_defaults   = { site = "Oslo S" }
    organization_id  = "cvinmt9aq9sc738g6eoi"
    connector_config = { status = "ACTIVE", headers = { X-Site = "oslo" } }
    settings         = { DT_ALLOW_SHA1 = "true", DT_OIDC_ISSUER = "https://identity.example.com/dc", DT_RECOVER_OVERLAP = "2h", DT_RECOVER_USER_DISABLED = "true", DT_API_URL = "https://api.example.com/v2", DT_TOKEN_URL = "https://identity.example.com/token" }
    log_level        = "debug"
  }

  assert {
    condition     = length(local.receive_settings) == 10
    error_message = "receive must have the settings of shared.tf."
  }
  assert {
    condition     = alltrue([for k, v in local.receive_settings : azurerm_function_app_flex_consumption.receive.app_settings[k] == v])
    error_message = "receive must have its settings."
  }
  assert {
    condition     = alltrue(flatten([for f, a in azurerm_function_app_flex_consumption.job : [for k, v in local.scheduled_settings[f] : a.app_settings[k] == v]]))
    error_message = "Each function must have its settings."
  }
  assert {
    condition     = jsondecode(azurerm_function_app_flex_consumption.job["configure"].app_settings.DT_CONNECTOR_CONFIG) == { status = "ACTIVE", httpConfig = { headers = { X-Site = "oslo" } } }
    error_message = "configure knows what is wanted."
  }
  assert {
    condition     = azurerm_function_app_flex_consumption.job["recover"].app_settings.DT_CHECKPOINT == "azure-blob://dtfunctionsdta1b2c3d4.blob.core.windows.net/checkpoints/recover" && azurerm_function_app_flex_consumption.job["recover"].app_settings.DT_SINK == output.sinks[0] && azurerm_function_app_flex_consumption.job["recover"].app_settings.DT_DEAD_LETTER == output.dead_letter
    error_message = "recover knows where events and checkpoints go."
  }
}

run "host" {
  command = plan

  assert {
    condition = alltrue([for f, a in merge({ receive = azurerm_function_app_flex_consumption.receive }, azurerm_function_app_flex_consumption.job) :
      a.app_settings.AZUREWEBJOBSSTORAGE == "" && a.app_settings.AzureWebJobsStorage__credential == "managedidentity" && a.app_settings.AzureWebJobsStorage__clientId == a.app_settings.AZURE_CLIENT_ID &&
    a.app_settings.APPLICATIONINSIGHTS_AUTHENTICATION_STRING == "ClientId=${a.app_settings.AZURE_CLIENT_ID};Authorization=AAD"])
    error_message = "The host uses its storage and logs by identity."
  }
  assert {
    condition = azurerm_function_app_flex_consumption.receive.app_settings.AzureWebJobsStorage__accountName == azurerm_storage_account.receive.name && alltrue([for f, a in azurerm_function_app_flex_consumption.job :
    a.app_settings.AzureWebJobsStorage__accountName == azurerm_storage_account.job[f].name])
    error_message = "Each host has its own storage."
  }
  assert {
    condition = alltrue(flatten([for a in concat([azurerm_function_app_flex_consumption.receive], values(azurerm_function_app_flex_consumption.job)) : [for k in keys(a.app_settings) :
    !contains(["FUNCTIONS_WORKER_RUNTIME", "FUNCTIONS_EXTENSION_VERSION", "WEBSITE_RUN_FROM_PACKAGE", "SCM_DO_BUILD_DURING_DEPLOYMENT", "ENABLE_ORYX_BUILD"], k)]]))
    error_message = "Flex Consumption refuses these settings."
  }
}

run "longest_names" {
  command = plan

  variables {
    name      = "a-very-long-name-of2"
    schedules = { sync = "0 3 * * *" }
    sink      = { kind = "servicebus" }
    alarms    = { emails = ["ops@example.com"] }
  }

  assert {
    condition     = alltrue([for a in concat([azurerm_storage_account.data, azurerm_storage_account.receive], values(azurerm_storage_account.job)) : can(regex("^[a-z0-9]{3,24}$", a.name))])
    error_message = "A storage account's name has 3 to 24 lower-case letters and digits."
  }
  assert {
    condition     = can(regex("^[a-z][a-z0-9-]{1,22}[a-z0-9]$", azurerm_key_vault.this.name)) && !strcontains(azurerm_key_vault.this.name, "--")
    error_message = "A vault's name has 3 to 24 letters, digits and single hyphens."
  }
  assert {
    condition     = alltrue([for a in concat([azurerm_function_app_flex_consumption.receive], values(azurerm_function_app_flex_consumption.job)) : can(regex("^[a-z][a-z0-9-]{1,58}[a-z0-9]$", a.name))])
    error_message = "An app's name has 2 to 60 characters."
  }
  assert {
    condition     = can(regex("^[a-z][a-z0-9-]{4,48}[a-z0-9]$", azurerm_servicebus_namespace.this[0].name)) && can(regex("^[a-z][a-z0-9-]{2,61}[a-z0-9]$", azurerm_log_analytics_workspace.this.name))
    error_message = "A namespace's name has 6 to 50 characters, a workspace's 4 to 63."
  }
  assert {
    condition     = length(azurerm_monitor_action_group.this[0].short_name) <= 12 && length(azurerm_monitor_action_group.this[0].short_name) >= 1
    error_message = "An action group's short name has 1 to 12 characters."
  }
}

run "shortest_names" {
  command = plan

  variables {
    name = "a-b"
    sink = { kind = "eventhubs" }
  }

  assert {
    condition     = can(regex("^[a-z0-9]{3,24}$", azurerm_storage_account.data.name)) && can(regex("^[a-z][a-z0-9-]{1,22}[a-z0-9]$", azurerm_key_vault.this.name)) && can(regex("^[a-z][a-z0-9-]{4,48}[a-z0-9]$", azurerm_eventhub_namespace.this[0].name))
    error_message = "Names of three characters are long enough."
  }
}

run "existing_group" {
  command = plan

  variables {
    location            = null
    resource_group_name = "sensors"
  }

  assert {
    condition     = length(azurerm_resource_group.this) == 0 && azurerm_key_vault.this.resource_group_name == "sensors" && azurerm_key_vault.this.location == "swedencentral" && output.doctor.region == "swedencentral"
    error_message = "All is made in the group that is named, and where that is."
  }
}

run "ready" {
  command = plan

  variables {
    min_instances       = 2
    memory_mb           = 2048
    max_instances       = 40
    storage_replication = "ZRS"
    tags                = { team = "facilities" }
  }

  assert {
    condition     = [for r in azurerm_function_app_flex_consumption.receive.always_ready : [r.name, tostring(r.instance_count)]] == [["http", "2"]] && azurerm_function_app_flex_consumption.receive.instance_memory_in_mb == 2048 && azurerm_function_app_flex_consumption.receive.maximum_instance_count == 40
    error_message = "Instances are ready for requests."
  }
  assert {
    condition     = alltrue([for a in azurerm_function_app_flex_consumption.job : length(a.always_ready) == 0 && a.maximum_instance_count == 40])
    error_message = "Nothing is ready for timers."
  }
  assert {
    condition     = azurerm_storage_account.data.account_replication_type == "ZRS" && azurerm_storage_account.receive.account_replication_type == "LRS" && azurerm_storage_account.data.tags.team == "facilities"
    error_message = "The data is kept as asked for."
  }
}

run "own_key" {
  command = plan

  variables {
    customer_managed_key = {
      key_vault_key_id          = "https://vault.vault.azure.net/keys/storage"
      user_assigned_identity_id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/mock/providers/Microsoft.ManagedIdentity/userAssignedIdentities/key"
    }
  }

  assert {
    condition = alltrue([for a in concat([azurerm_storage_account.data, azurerm_storage_account.receive], values(azurerm_storage_account.job)) :
    a.customer_managed_key[0].key_vault_key_id == "https://vault.vault.azure.net/keys/storage" && a.identity[0].type == "UserAssigned" && a.queue_encryption_key_type == "Account"])
    error_message = "All storage is encrypted with the key, queues too."
  }
}
