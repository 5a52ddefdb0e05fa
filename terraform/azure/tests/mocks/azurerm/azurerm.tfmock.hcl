# Ids as Azure makes them: the real provider checks some of them even where it is mocked.

mock_data "azurerm_client_config" {
  defaults = {
    id              = "mock"
    client_id       = "22222222-2222-3333-4444-555555555555"
    object_id       = "33333333-2222-3333-4444-555555555555"
    subscription_id = "00000000-0000-0000-0000-000000000001"
    tenant_id       = "44444444-2222-3333-4444-555555555555"
  }
}

mock_data "azurerm_resource_group" {
  defaults = {
    id       = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/existing"
    location = "swedencentral"
  }
}

mock_resource "azurerm_resource_group" {
  defaults = {
    id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/mock"
  }
}

mock_resource "azurerm_role_assignment" {
  defaults = {
    id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/mock/providers/Microsoft.Authorization/roleAssignments/11111111-2222-3333-4444-555555555555"
  }
}

mock_resource "azurerm_user_assigned_identity" {
  defaults = {
    id           = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/mock/providers/Microsoft.ManagedIdentity/userAssignedIdentities/mock"
    client_id    = "55555555-2222-3333-4444-555555555555"
    principal_id = "66666666-2222-3333-4444-555555555555"
    tenant_id    = "44444444-2222-3333-4444-555555555555"
  }
}

mock_resource "azurerm_storage_account" {
  defaults = {
    id                             = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/mock/providers/Microsoft.Storage/storageAccounts/mockaccount"
    primary_blob_endpoint          = "https://mockaccount.blob.core.windows.net/"
    primary_access_key             = "bW9jaw=="
    secondary_access_key           = "bW9jaw=="
    primary_connection_string      = "bW9jaw=="
    primary_blob_connection_string = "bW9jaw=="
  }
}

mock_resource "azurerm_storage_container" {
  defaults = {
    id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/mock/providers/Microsoft.Storage/storageAccounts/mockaccount/blobServices/default/containers/mock"
  }
}

mock_resource "azurerm_storage_queue" {
  defaults = {
    id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/mock/providers/Microsoft.Storage/storageAccounts/mockaccount/queueServices/default/queues/mock"
  }
}

mock_resource "azurerm_storage_blob" {
  defaults = {
    id = "https://mockaccount.blob.core.windows.net/package/released-package.zip"
  }
}

mock_resource "azurerm_service_plan" {
  defaults = {
    id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/mock/providers/Microsoft.Web/serverFarms/mock"
  }
}

mock_resource "azurerm_function_app_flex_consumption" {
  defaults = {
    id               = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/mock/providers/Microsoft.Web/sites/mock"
    default_hostname = "mock.azurewebsites.net"
  }
}

mock_resource "azurerm_key_vault" {
  defaults = {
    id        = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/mock/providers/Microsoft.KeyVault/vaults/mock"
    vault_uri = "https://mock.vault.azure.net/"
  }
}

mock_resource "azurerm_key_vault_secret" {
  defaults = {
    id                      = "https://mock.vault.azure.net/secrets/mock/0123456789abcdef0123456789abcdef"
    versionless_id          = "https://mock.vault.azure.net/secrets/mock"
    resource_id             = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/mock/providers/Microsoft.KeyVault/vaults/mock/secrets/mock/versions/0123456789abcdef0123456789abcdef"
    resource_versionless_id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/mock/providers/Microsoft.KeyVault/vaults/mock/secrets/mock"
    version                 = "0123456789abcdef0123456789abcdef"
  }
}

mock_resource "azurerm_log_analytics_workspace" {
  defaults = {
    id           = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/mock/providers/Microsoft.OperationalInsights/workspaces/mock"
    workspace_id = "88888888-2222-3333-4444-555555555555"
  }
}

mock_resource "azurerm_monitor_diagnostic_setting" {
  defaults = {
    id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/mock/providers/Microsoft.KeyVault/vaults/mock|audit"
  }
}

mock_resource "azurerm_application_insights" {
  defaults = {
    id                  = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/mock/providers/Microsoft.Insights/components/mock"
    connection_string   = "InstrumentationKey=99999999-2222-3333-4444-555555555555;IngestionEndpoint=https://swedencentral-0.in.applicationinsights.azure.com/"
    instrumentation_key = "99999999-2222-3333-4444-555555555555"
  }
}

mock_resource "azurerm_application_insights_workbook" {
  defaults = {
    id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/mock/providers/Microsoft.Insights/workbooks/11111111-2222-3333-4444-555555555555"
  }
}

mock_resource "azurerm_servicebus_namespace" {
  defaults = {
    id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/mock/providers/Microsoft.ServiceBus/namespaces/mock-namespace"
  }
}

mock_resource "azurerm_servicebus_queue" {
  defaults = {
    id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/mock/providers/Microsoft.ServiceBus/namespaces/mock-namespace/queues/mock"
  }
}

mock_resource "azurerm_eventhub_namespace" {
  defaults = {
    id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/mock/providers/Microsoft.EventHub/namespaces/mock-namespace"
  }
}

mock_resource "azurerm_eventhub" {
  defaults = {
    id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/mock/providers/Microsoft.EventHub/namespaces/mock-namespace/eventhubs/mock"
  }
}

mock_resource "azurerm_monitor_action_group" {
  defaults = {
    id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/mock/providers/Microsoft.Insights/actionGroups/mock"
  }
}

mock_resource "azurerm_monitor_scheduled_query_rules_alert_v2" {
  defaults = {
    id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/mock/providers/Microsoft.Insights/scheduledQueryRules/mock"
  }
}

mock_resource "azurerm_monitor_metric_alert" {
  defaults = {
    id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/mock/providers/Microsoft.Insights/metricAlerts/mock"
  }
}

mock_resource "azurerm_consumption_budget_resource_group" {
  defaults = {
    id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/mock/providers/Microsoft.Consumption/budgets/mock"
  }
}
