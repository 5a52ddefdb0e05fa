# The storage account of the events that wait, the dead letters and the checkpoints. The
# functions' hosts have accounts of their own, so that no host can reach these.

resource "azurerm_storage_account" "data" {
  name                     = "${local.short}dt${local.suffix}"
  resource_group_name      = local.group_name
  location                 = local.location
  account_kind             = "StorageV2"
  account_tier             = "Standard"
  account_replication_type = var.storage_replication

  # By identity alone, over TLS alone, nothing for the public.
  shared_access_key_enabled        = false
  default_to_oauth_authentication  = true
  local_user_enabled               = false
  allow_nested_items_to_be_public  = false
  cross_tenant_replication_enabled = false
  https_traffic_only_enabled       = true
  min_tls_version                  = "TLS1_2"

  # Queues can be encrypted with a key of one's own only if they were made so.
  queue_encryption_key_type = "Account"
  table_encryption_key_type = "Account"

  blob_properties {
    delete_retention_policy {
      days = 7
    }
    container_delete_retention_policy {
      days = 7
    }
  }

  dynamic "identity" {
    for_each = local.keys

    content {
      type         = "UserAssigned"
      identity_ids = [identity.value.user_assigned_identity_id]
    }
  }

  dynamic "customer_managed_key" {
    for_each = local.keys

    content {
      key_vault_key_id          = customer_managed_key.value.key_vault_key_id
      user_assigned_identity_id = customer_managed_key.value.user_assigned_identity_id
    }
  }

  tags = local.tags
}

locals {
  keys = var.customer_managed_key == null ? [] : [var.customer_managed_key]
}
