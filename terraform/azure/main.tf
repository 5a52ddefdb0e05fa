# What everything else is made with. The connectors are named after the endpoint is known,
# so nothing that the endpoint is made of may depend on var.connectors: receive has
# resources of its own, beside those of the functions that work on connectors (jobs).

data "azurerm_client_config" "current" {}

data "azurerm_resource_group" "existing" {
  count = var.resource_group_name == null ? 0 : 1

  name = var.resource_group_name
}

resource "azurerm_resource_group" "this" {
  count = var.resource_group_name == null ? 1 : 0

  name     = var.name
  location = var.location
  tags     = local.tags
}

# Names of apps, storage accounts, vaults and namespaces are unique in all of Azure.
resource "random_string" "suffix" {
  length  = 8
  special = false
  upper   = false
}

locals {
  tags = merge({ dt-functions = var.name }, var.tags)

  group_name = var.resource_group_name == null ? azurerm_resource_group.this[0].name : var.resource_group_name
  group_id   = var.resource_group_name == null ? azurerm_resource_group.this[0].id : data.azurerm_resource_group.existing[0].id
  # With neither, the validation of location says what is missing.
  location = coalesce(var.location, try(data.azurerm_resource_group.existing[0].location, null), "none")

  suffix = random_string.suffix.result
  # Of a storage account's 24 characters 8 are the suffix and 2 say what it is for.
  short = substr(replace(var.name, "-", ""), 0, 14)

  functions = ["receive", "sync", "configure", "recover"]

  archive      = coalesce(var.archive, "${path.module}/../../dist/azure.zip")
  archive_hash = fileexists(local.archive) ? filesha256(local.archive) : ""
}
