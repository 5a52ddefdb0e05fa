# What whoever runs Terraform needs. Being an owner does not let one write secrets and blobs.

locals {
  deployer       = coalesce(var.deployer.object_id, data.azurerm_client_config.current.object_id)
  deployer_roles = var.deployer.assign_roles
}

resource "azurerm_role_assignment" "deployer_secrets" {
  count = local.deployer_roles ? 1 : 0

  scope                = azurerm_key_vault.this.id
  role_definition_name = "Key Vault Secrets Officer"
  principal_id         = local.deployer
}

# A new role takes some time to work.
resource "time_sleep" "secrets" {
  create_duration = local.deployer_roles ? "120s" : "0s"

  triggers = { for assignment in azurerm_role_assignment.deployer_secrets : "deployer" => assignment.id }
}
