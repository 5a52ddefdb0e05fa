# Where recover keeps how far it came.

resource "azurerm_storage_container" "checkpoint" {
  count = contains(keys(local.scheduled), "recover") ? 1 : 0

  name                  = "checkpoints"
  storage_account_id    = azurerm_storage_account.data.id
  container_access_type = "private"
}

locals {
  checkpoint_url = one([for c in azurerm_storage_container.checkpoint : "azure-blob://${azurerm_storage_account.data.name}.blob.core.windows.net/${c.name}/recover"])
}
