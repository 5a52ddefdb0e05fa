# Secrets are in Key Vault alone. What is written there is write-only: neither the state nor a
# plan has it. The apps' settings have references, which the program reads the secrets by.

resource "azurerm_key_vault" "this" {
  name                = local.vault
  resource_group_name = local.group_name
  location            = local.location
  tenant_id           = data.azurerm_client_config.current.tenant_id
  sku_name            = "standard"

  rbac_authorization_enabled = true
  purge_protection_enabled   = var.key_vault_purge_protection
  soft_delete_retention_days = 7
  # The apps, which read the secrets, have no fixed addresses.
  public_network_access_enabled = true

  tags = local.tags
}

resource "random_password" "signature" {
  # Made also where a secret is given: whether one is may not be asked here, since the
  # variable is ephemeral. It is then used for nothing.
  length  = 48
  special = false
}

resource "azurerm_key_vault_secret" "signature" {
  name             = "signature"
  key_vault_id     = azurerm_key_vault.this.id
  content_type     = "Secret that the Data Connectors sign with"
  value_wo         = coalesce(var.signature_secret, random_password.signature.result)
  value_wo_version = var.secrets_version
  tags             = local.tags

  depends_on = [time_sleep.secrets]
}

resource "azurerm_key_vault_secret" "service_account" {
  count = local.has_connectors ? 1 : 0

  name             = "service-account"
  key_vault_id     = azurerm_key_vault.this.id
  content_type     = "Secret of the DT service account's key"
  value_wo         = var.service_account_secret
  value_wo_version = var.secrets_version
  tags             = local.tags

  depends_on = [time_sleep.secrets]
}

# Whoever verifies what is forwarded must not be able to forge DT's events: another secret.
resource "random_password" "forward" {
  count = local.forwards ? 1 : 0

  length  = 48
  special = false
}

resource "azurerm_key_vault_secret" "forward" {
  count = local.forwards ? 1 : 0

  name             = "forward"
  key_vault_id     = azurerm_key_vault.this.id
  content_type     = "Secret that forwarded events are signed with"
  value_wo         = random_password.forward[0].result
  value_wo_version = var.secrets_version
  tags             = local.tags

  depends_on = [time_sleep.secrets]
}

locals {
  # 3 to 24 characters, no two hyphens together.
  vault = "${trimsuffix(substr(var.name, 0, 15), "-")}-${local.suffix}"

  has_connectors = length(var.connectors) > 0
  forwards       = length(var.sink.urls) > 0

  # One by one: the signature secret may not wait for the connectors, as the service
  # account's does. Without a version: the newest is read.
  signature_secret       = replace(azurerm_key_vault_secret.signature.versionless_id, "/^https:/", "azure-keyvault:")
  forward_secret         = one([for s in azurerm_key_vault_secret.forward : replace(s.versionless_id, "/^https:/", "azure-keyvault:")])
  service_account_secret = one([for s in azurerm_key_vault_secret.service_account : replace(s.versionless_id, "/^https:/", "azure-keyvault:")])

  # By the setting that refers to it: which secrets a function needs, and no other.
  signature_ref = { DT_SIGNATURE_SECRET = { reference = local.signature_secret, id = azurerm_key_vault_secret.signature.resource_versionless_id } }
  forward_ref = { for s in azurerm_key_vault_secret.forward :
  "DT_FORWARD_SECRET" => { reference = local.forward_secret, id = s.resource_versionless_id } }
  account_ref = { for s in azurerm_key_vault_secret.service_account :
  "DT_SERVICE_ACCOUNT_SECRET" => { reference = local.service_account_secret, id = s.resource_versionless_id } }
}
