# The functions that work on connectors: sync, configure and recover. Each is an app of its
# own, since identity and roles are an app's, and nobody reaches them: their timers start them.

locals {
  job_own_settings = {
    sync      = {}
    configure = {}
    recover   = merge(local.sink_settings, local.checkpoint_url == null ? {} : { DT_CHECKPOINT = local.checkpoint_url })
  }

  # The program checks the settings of receive whenever it starts, also where that function
  # is turned off: these let it start without a secret and a role that the job does not need.
  # No organization is called none, so nothing is ever accepted by it.
  idle_settings = {
    sync      = { DT_SINK = "stdout:", DT_ORGANIZATION_ID = "none" }
    configure = { DT_SINK = "stdout:" }
    recover   = { DT_ORGANIZATION_ID = "none" }
  }

  job_secrets = {
    sync      = local.account_ref
    configure = merge(local.account_ref, local.signature_ref)
    recover   = merge(local.account_ref, local.forward_ref)
  }

  job_roles = { for f in keys(local.scheduled) : f => merge(
    { for setting, secret in local.job_secrets[f] : setting => { scope = secret.id, role = "Key Vault Secrets User" } },
    f == "recover" ? local.sink_roles : {},
    f == "recover" ? { for c in azurerm_storage_container.checkpoint : "checkpoint" => { scope = c.id, role = "Storage Blob Data Contributor" } } : {},
    {
      host = { scope = azurerm_storage_account.job[f].id, role = "Storage Blob Data Owner" }
      logs = { scope = azurerm_application_insights.this.id, role = "Monitoring Metrics Publisher" }
    },
  ) }

  job_identities_made = { for f in keys(local.scheduled) : f => local.app_names[f] if !contains(keys(var.identities), f) }
  job_identities = { for f in keys(local.scheduled) : f => contains(keys(var.identities), f) ? {
    id        = var.identities[f].id
    client_id = var.identities[f].client_id
    } : {
    id        = azurerm_user_assigned_identity.job[f].id
    client_id = azurerm_user_assigned_identity.job[f].client_id
  } }

  # By function and role: "recover-sink".
  job_role_assignments = merge([for f in keys(local.job_identities_made) : { for r, role in local.job_roles[f] : "${f}-${r}" => merge(role, { function = f }) }]...)
}

resource "azurerm_user_assigned_identity" "job" {
  for_each = local.job_identities_made

  name                = each.value
  resource_group_name = local.group_name
  location            = local.location
  tags                = local.tags
}

resource "azurerm_role_assignment" "job" {
  for_each = local.job_role_assignments

  scope                = each.value.scope
  role_definition_name = each.value.role
  principal_id         = azurerm_user_assigned_identity.job[each.value.function].principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_storage_account" "job" {
  for_each = local.scheduled

  name                     = local.host_names[each.key]
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

resource "azurerm_storage_container" "job" {
  for_each = local.scheduled

  name                  = "package"
  storage_account_id    = azurerm_storage_account.job[each.key].id
  container_access_type = "private"
}

resource "azurerm_role_assignment" "deployer_job" {
  for_each = { for f, expression in local.scheduled : f => expression if local.deployer_roles && local.uploads }

  scope                = azurerm_storage_container.job[each.key].id
  role_definition_name = "Storage Blob Data Contributor"
  principal_id         = local.deployer
}

resource "time_sleep" "job" {
  for_each = local.scheduled

  create_duration = "120s"

  triggers = merge(
    { for r, assignment in azurerm_role_assignment.job : r => assignment.id if startswith(r, "${each.key}-") },
    { for f, assignment in azurerm_role_assignment.deployer_job : "deployer" => assignment.id if f == each.key },
  )
}

resource "azurerm_storage_blob" "job" {
  for_each = { for f, expression in local.scheduled : f => expression if local.uploads }

  name                 = local.package
  storage_container_id = azurerm_storage_container.job[each.key].id
  type                 = "Block"
  source               = local.archive
  content_md5          = filemd5(local.archive)
  content_type         = "application/zip"

  depends_on = [time_sleep.job]
}

resource "azurerm_service_plan" "job" {
  for_each = local.scheduled

  name                = local.app_names[each.key]
  resource_group_name = local.group_name
  location            = local.location
  os_type             = "Linux"
  sku_name            = "FC1"
  tags                = local.tags
}

resource "azurerm_function_app_flex_consumption" "job" {
  for_each = local.scheduled

  name                = local.app_names[each.key]
  resource_group_name = local.group_name
  location            = local.location
  service_plan_id     = azurerm_service_plan.job[each.key].id

  runtime_name    = "custom"
  runtime_version = "1.0"

  storage_container_type            = "blobContainer"
  storage_container_endpoint        = "${azurerm_storage_account.job[each.key].primary_blob_endpoint}${azurerm_storage_container.job[each.key].name}"
  storage_authentication_type       = "UserAssignedIdentity"
  storage_user_assigned_identity_id = local.job_identities[each.key].id

  zip_deploy_file                                = var.deploy == "zip" ? local.zip_path : null
  webdeploy_publish_basic_authentication_enabled = var.deploy == "zip"

  instance_memory_in_mb = var.memory_mb
  # The least that every region takes; a timer runs once at a time.
  maximum_instance_count = 40

  # Timers need no way in. It is closed by the rules below and not by turning public access
  # off, which would close the way in for operators and deployments with it.
  public_network_access_enabled = true
  https_only                    = true

  identity {
    type         = "UserAssigned"
    identity_ids = [local.job_identities[each.key].id]
  }

  site_config {
    application_insights_connection_string = azurerm_application_insights.this.connection_string
    minimum_tls_version                    = "1.2"
    scm_minimum_tls_version                = "1.2"
    ip_restriction_default_action          = "Deny"
    scm_ip_restriction_default_action      = local.deployment_default
    scm_use_main_ip_restriction            = false

    dynamic "ip_restriction" {
      for_each = local.operators

      content {
        name       = ip_restriction.key
        action     = "Allow"
        ip_address = ip_restriction.value.address
        priority   = ip_restriction.value.priority
      }
    }

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
    local.idle_settings[each.key],
    local.scheduled_settings[each.key],
    local.job_own_settings[each.key],
    { for setting, secret in local.job_secrets[each.key] : setting => secret.reference },
    local.base_settings,
    local.disabled[each.key],
    {
      "${upper(each.key)}_SCHEDULE"             = local.cron[each.key]
      AzureWebJobsStorage__accountName          = azurerm_storage_account.job[each.key].name
      AzureWebJobsStorage__clientId             = local.job_identities[each.key].client_id
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING = "ClientId=${local.job_identities[each.key].client_id};Authorization=AAD"
      AZURE_CLIENT_ID                           = local.job_identities[each.key].client_id
    },
  )

  tags = local.tags

  lifecycle {
    precondition {
      condition     = local.schedule_in_bounds[each.key]
      error_message = "schedules.${each.key}, ${each.value}, has a number that its field cannot have: minutes are 0 to 59, hours 0 to 23, days 1 to 31, months 1 to 12, and */n begins at */1."
    }
    precondition {
      condition     = local.schedule_forward[each.key]
      error_message = "schedules.${each.key}, ${each.value}, has a range that ends before it begins: write two, such as 22-23,0-5."
    }
  }

  # The package must be there when the app starts, and its roles must work. And receive is to
  # be the first that starts with a new secret: configure hands it to the connectors.
  depends_on = [azurerm_storage_blob.job, time_sleep.job, azurerm_function_app_flex_consumption.receive]
}
