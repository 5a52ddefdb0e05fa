# What is made by default, and that a second plan is empty.

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

run "defaults" {
  command = apply

  assert {
    condition = (azurerm_function_app_flex_consumption.receive.runtime_name == "custom" && azurerm_function_app_flex_consumption.receive.runtime_version == "1.0" &&
    azurerm_function_app_flex_consumption.receive.instance_memory_in_mb == 512 && azurerm_function_app_flex_consumption.receive.maximum_instance_count == 100 && length(azurerm_function_app_flex_consumption.receive.always_ready) == 0)
    error_message = "receive must be a custom handler with 512 MB, and cost nothing while nothing comes."
  }
  assert {
    condition     = keys(azurerm_function_app_flex_consumption.job) == ["configure", "recover"] && alltrue([for a in azurerm_function_app_flex_consumption.job : a.runtime_name == "custom" && a.runtime_version == "1.0" && a.instance_memory_in_mb == 512])
    error_message = "configure and recover run by default, each in an app of its own, and sync does not."
  }
  assert {
    condition     = alltrue([for p in concat([azurerm_service_plan.receive], values(azurerm_service_plan.job)) : p.sku_name == "FC1" && p.os_type == "Linux"]) && length(azurerm_service_plan.job) == 2
    error_message = "Each app has a Flex Consumption plan of its own: such a plan holds one app."
  }
  assert {
    condition = length(distinct([for a in concat([azurerm_function_app_flex_consumption.receive], values(azurerm_function_app_flex_consumption.job)) : a.name])) == 3 && length(distinct(concat(
    [azurerm_storage_account.data.name, azurerm_storage_account.receive.name], [for a in azurerm_storage_account.job : a.name]))) == 4
    error_message = "Each app has a name and a storage account of its own, and the data another one."
  }
  assert {
    condition     = output.endpoint == "https://mock.azurewebsites.net/api/receive"
    error_message = "The endpoint is the function receive."
  }
  assert {
    condition     = output.sinks == ["azure-queue://dtfunctionsdta1b2c3d4.queue.core.windows.net/events"] && output.dead_letter == "azure-queue://dtfunctionsdta1b2c3d4.queue.core.windows.net/dead-letter"
    error_message = "The sink and the dead letters are queues of the data's account."
  }
  assert {
    condition     = output.sink_id == azurerm_storage_queue.events[0].id && length(azurerm_servicebus_namespace.this) == 0 && length(azurerm_eventhub_namespace.this) == 0
    error_message = "A Storage queue is the default."
  }
  assert {
    condition     = keys(output.functions) == ["configure", "receive", "recover"] && keys(output.sync_timers) == ["configure", "recover"]
    error_message = "The outputs must name what was made."
  }
  assert {
    condition     = azurerm_resource_group.this[0].name == "dt-functions" && azurerm_resource_group.this[0].location == "norwayeast" && length(data.azurerm_resource_group.existing) == 0 && output.resource_group_name == "dt-functions"
    error_message = "A resource group is made."
  }
  assert {
    condition     = azurerm_log_analytics_workspace.this.retention_in_days == 30 && azurerm_application_insights.this.retention_in_days == 30 && azurerm_application_insights.this.workspace_id == azurerm_log_analytics_workspace.this.id
    error_message = "Logs are kept for 30 days, in a workspace."
  }
  assert {
    condition     = alltrue([for r in [azurerm_key_vault.this.tags, azurerm_storage_account.data.tags, azurerm_function_app_flex_consumption.receive.tags] : r == tomap({ dt-functions = "dt-functions" })])
    error_message = "What is made has the deployment's name as a tag."
  }
}

run "doctor" {
  command = plan

  assert {
    condition = output.doctor == {
      version          = 1
      cloud            = "azure"
      name             = "dt-functions"
      region           = "norwayeast"
      endpoint         = output.endpoint
      sinks            = output.sinks
      dead_letter      = output.dead_letter
      connectors       = tolist(var.connectors)
      signature_secret = "azure-keyvault://mock.vault.azure.net/secrets/mock"
      service_account = {
        key_id = "cvinmt9aq9sc738g6eoh"
        email  = "sensors@cvinmt9aq9sc738g6eog.serviceaccount.d21s.com"
        secret = "azure-keyvault://mock.vault.azure.net/secrets/mock"
      }
      functions = output.functions
      schedules = {
        configure = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/mock/providers/Microsoft.Web/sites/mock", expression = "*/5 * * * *" }
        recover   = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/mock/providers/Microsoft.Web/sites/mock", expression = "*/15 * * * *" }
      }
      settings = { DT_LOG_LEVEL = "info" }
      wanted   = {}
    }
    error_message = "The output doctor must say all that dtfn doctor needs."
  }
}

run "again" {
  command = plan

  assert {
    condition     = output.endpoint == run.defaults.endpoint
    error_message = "A second plan must keep the endpoint."
  }
}

run "changed_source" {
  command = plan

  variables {
    archive = "./tests/source/after.zip"
  }

  assert {
    condition     = alltrue([for b in concat(azurerm_storage_blob.receive, values(azurerm_storage_blob.job)) : b.content_md5 == filemd5("./tests/source/after.zip")])
    error_message = "A changed source must be deployed to every app."
  }
  assert {
    condition     = alltrue([for a in concat([azurerm_function_app_flex_consumption.receive], values(azurerm_function_app_flex_consumption.job)) : a.app_settings.PACKAGE_SHA256 == filesha256("./tests/source/after.zip")])
    error_message = "Every app must restart, to run it."
  }
}
