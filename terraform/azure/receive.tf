# The function that DT's requests reach. Nothing here depends on var.connectors.

locals {
  receive_secrets = merge(local.signature_ref, local.forward_ref)

  receive_identity_is_made = !contains(keys(var.identities), "receive")
  receive_identity = local.receive_identity_is_made ? {
    id        = azurerm_user_assigned_identity.receive[0].id
    client_id = azurerm_user_assigned_identity.receive[0].client_id
    } : {
    id        = var.identities["receive"].id
    client_id = var.identities["receive"].client_id
  }

  receive_roles = merge(local.sink_roles, { for setting, secret in local.receive_secrets : setting => { scope = secret.id, role = "Key Vault Secrets User" } }, {
    host = { scope = azurerm_storage_account.receive.id, role = "Storage Blob Data Owner" }
    logs = { scope = azurerm_application_insights.this.id, role = "Monitoring Metrics Publisher" }
  })

  endpoint = "https://${azurerm_function_app_flex_consumption.receive.default_hostname}/api/receive"
}

resource "azurerm_user_assigned_identity" "receive" {
  count = local.receive_identity_is_made ? 1 : 0

  name                = local.app_names["receive"]
  resource_group_name = local.group_name
  location            = local.location
  tags                = local.tags
}

resource "azurerm_role_assignment" "receive" {
  for_each = local.receive_identity_is_made ? local.receive_roles : {}

  scope                = each.value.scope
  role_definition_name = each.value.role
  principal_id         = azurerm_user_assigned_identity.receive[0].principal_id
  principal_type       = "ServicePrincipal"
}

# The host's own storage, and the package that it runs.
resource "azurerm_storage_account" "receive" {
  name                     = local.host_names["receive"]
  resource_group_name      = local.group_name
  location                 = local.location
  account_kind             = "StorageV2"
  account_tier             = "Standard"
  account_replication_type = "LRS"

  shared_access_key_enabled        = false
  default_to_oauth_authentication  = true
  local_user_enabled               = false
  allow_nested_items_to_be_public  = false
  cross_tenant_replication_enabled = false
  https_traffic_only_enabled       = true
  min_tls_version                  = "TLS1_2"
  queue_encryption_key_type        = "Account"
  table_encryption_key_type        = "Account"

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

resource "azurerm_storage_container" "receive" {
  name                  = "package"
  storage_account_id    = azurerm_storage_account.receive.id
  container_access_type = "private"
}

resource "azurerm_role_assignment" "deployer_receive" {
  count = local.deployer_roles && local.uploads ? 1 : 0

  scope                = azurerm_storage_container.receive.id
  role_definition_name = "Storage Blob Data Contributor"
  principal_id         = local.deployer
}

# A new role takes some time to work: the deployer's for the upload, the app's for its start.
resource "time_sleep" "receive" {
  create_duration = "120s"

  triggers = merge(
    { for r, assignment in azurerm_role_assignment.receive : r => assignment.id },
    { for assignment in azurerm_role_assignment.deployer_receive : "deployer" => assignment.id },
  )
}

resource "azurerm_storage_blob" "receive" {
  count = local.uploads ? 1 : 0

  name                 = local.package
  storage_container_id = azurerm_storage_container.receive.id
  type                 = "Block"
  source               = local.archive
  content_md5          = filemd5(local.archive)
  content_type         = "application/zip"

  depends_on = [time_sleep.receive]
}

resource "azurerm_service_plan" "receive" {
  name                = local.app_names["receive"]
  resource_group_name = local.group_name
  location            = local.location
  os_type             = "Linux"
  sku_name            = "FC1"
  tags                = local.tags
}

resource "azurerm_function_app_flex_consumption" "receive" {
  name                = local.app_names["receive"]
  resource_group_name = local.group_name
  location            = local.location
  service_plan_id     = azurerm_service_plan.receive.id

  runtime_name    = "custom"
  runtime_version = "1.0"

  storage_container_type            = "blobContainer"
  storage_container_endpoint        = "${azurerm_storage_account.receive.primary_blob_endpoint}${azurerm_storage_container.receive.name}"
  storage_authentication_type       = "UserAssignedIdentity"
  storage_user_assigned_identity_id = local.receive_identity.id

  zip_deploy_file                                = var.deploy == "zip" ? local.zip_path : null
  webdeploy_publish_basic_authentication_enabled = var.deploy == "zip"

  instance_memory_in_mb  = var.memory_mb
  maximum_instance_count = var.max_instances

  # The one thing that is public: DT must reach it.
  public_network_access_enabled = true
  https_only                    = true

  identity {
    type         = "UserAssigned"
    identity_ids = [local.receive_identity.id]
  }

  dynamic "always_ready" {
    for_each = var.min_instances > 0 ? [var.min_instances] : []

    content {
      name           = "http"
      instance_count = always_ready.value
    }
  }

  site_config {
    application_insights_connection_string = azurerm_application_insights.this.connection_string
    minimum_tls_version                    = "1.2"
    scm_minimum_tls_version                = "1.2"
    ip_restriction_default_action          = "Allow"
    scm_ip_restriction_default_action      = local.deployment_default
    scm_use_main_ip_restriction            = false

    dynamic "scm_ip_restriction" {
      for_each = local.operators

      content {
        name       = scm_ip_restriction.key
        action     = "Allow"
        ip_address = scm_ip_restriction.value.address
        priority   = scm_ip_restriction.value.priority
      }
    }
  }

  app_settings = merge(
    local.receive_settings,
    local.sink_settings,
    { for setting, secret in local.receive_secrets : setting => secret.reference },
    local.base_settings,
    local.disabled["receive"],
    {
      AzureWebJobsStorage__accountName          = azurerm_storage_account.receive.name
      AzureWebJobsStorage__clientId             = local.receive_identity.client_id
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING = "ClientId=${local.receive_identity.client_id};Authorization=AAD"
      AZURE_CLIENT_ID                           = local.receive_identity.client_id
    },
  )

  tags = local.tags

  # The package must be there when the app starts, and its roles must work.
  depends_on = [azurerm_storage_blob.receive, time_sleep.receive]
}
