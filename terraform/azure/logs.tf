# What the hosts and the functions log. It is written by identity alone, so that the
# connection string, which is no secret then, is of no use to anybody else.

resource "azurerm_log_analytics_workspace" "this" {
  name                         = "${var.name}-${local.suffix}"
  resource_group_name          = local.group_name
  location                     = local.location
  sku                          = "PerGB2018"
  retention_in_days            = var.log_retention_days
  local_authentication_enabled = false
  tags                         = local.tags
}

resource "azurerm_application_insights" "this" {
  name                         = "${var.name}-${local.suffix}"
  resource_group_name          = local.group_name
  location                     = local.location
  application_type             = "web"
  workspace_id                 = azurerm_log_analytics_workspace.this.id
  retention_in_days            = var.log_retention_days
  local_authentication_enabled = false
  tags                         = local.tags
}

# Who has read which secret, and who was refused.
resource "azurerm_monitor_diagnostic_setting" "key_vault" {
  name                       = "audit"
  target_resource_id         = azurerm_key_vault.this.id
  log_analytics_workspace_id = azurerm_log_analytics_workspace.this.id

  enabled_log {
    category = "AuditEvent"
  }
}
