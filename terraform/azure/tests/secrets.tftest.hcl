# Secrets are in Key Vault alone. Besides what is asserted here, no plan and no state of any
# test may have a text that begins with "planted-" but in random_password.

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
  schedules              = { sync = "0 3 * * *" }
  sink                   = { urls = ["https://events.example.com/"] }
  # The apply would run az.
  sync_timers = false
}

override_resource {
  target = azurerm_key_vault_secret.signature
  values = { id = "https://mock.vault.azure.net/secrets/signature/0123456789abcdef0123456789abcdef", versionless_id = "https://mock.vault.azure.net/secrets/signature" }
}

override_resource {
  target = azurerm_key_vault_secret.service_account[0]
  values = { id = "https://mock.vault.azure.net/secrets/service-account/0123456789abcdef0123456789abcdef", versionless_id = "https://mock.vault.azure.net/secrets/service-account" }
}

override_resource {
  target = azurerm_key_vault_secret.forward[0]
  values = { id = "https://mock.vault.azure.net/secrets/forward/0123456789abcdef0123456789abcdef", versionless_id = "https://mock.vault.azure.net/secrets/forward" }
}

run "by_reference" {
  command = apply

  assert {
    condition = { for f, a in merge({ receive = azurerm_function_app_flex_consumption.receive }, azurerm_function_app_flex_consumption.job) : f => { for k, v in a.app_settings : k => v if startswith(k, "DT_") && strcontains(k, "SECRET") } } == {
      receive = {
        DT_SIGNATURE_SECRET = "azure-keyvault://mock.vault.azure.net/secrets/signature"
        DT_FORWARD_SECRET   = "azure-keyvault://mock.vault.azure.net/secrets/forward"
      }
      sync = {
        DT_SERVICE_ACCOUNT_SECRET = "azure-keyvault://mock.vault.azure.net/secrets/service-account"
      }
      configure = {
        DT_SERVICE_ACCOUNT_SECRET = "azure-keyvault://mock.vault.azure.net/secrets/service-account"
        DT_SIGNATURE_SECRET       = "azure-keyvault://mock.vault.azure.net/secrets/signature"
      }
      recover = {
        DT_SERVICE_ACCOUNT_SECRET = "azure-keyvault://mock.vault.azure.net/secrets/service-account"
        DT_FORWARD_SECRET         = "azure-keyvault://mock.vault.azure.net/secrets/forward"
      }
    }
    error_message = "Each app has references to the secrets that it needs, and to no other."
  }
  assert {
    condition     = alltrue(flatten([for a in concat([azurerm_function_app_flex_consumption.receive], values(azurerm_function_app_flex_consumption.job)) : [for v in values(a.app_settings) : !strcontains(v, "planted-") && !strcontains(v, "AccountKey")]]))
    error_message = "No setting has a secret."
  }
  assert {
    condition     = alltrue([for s in concat([azurerm_key_vault_secret.signature], azurerm_key_vault_secret.service_account, azurerm_key_vault_secret.forward) : s.value == null && s.value_wo_version == 1])
    error_message = "Secrets are written by write-only arguments."
  }
  assert {
    condition     = [for s in concat([azurerm_key_vault_secret.signature], azurerm_key_vault_secret.service_account, azurerm_key_vault_secret.forward) : s.name] == ["signature", "service-account", "forward"]
    error_message = "Each secret has a name of its own."
  }
  assert {
    condition     = output.signature_secret == "azure-keyvault://mock.vault.azure.net/secrets/signature" && output.forward_secret == "azure-keyvault://mock.vault.azure.net/secrets/forward"
    error_message = "The outputs are references."
  }
  assert {
    condition     = random_password.signature.length == 48 && !random_password.signature.special && random_password.forward[0].length == 48 && !random_password.forward[0].special
    error_message = "Random secrets have 48 letters and digits."
  }
}

run "again" {
  command = plan
}

run "written_anew" {
  command = plan

  variables {
    secrets_version = 2
  }

  assert {
    condition     = alltrue([for s in concat([azurerm_key_vault_secret.signature], azurerm_key_vault_secret.service_account, azurerm_key_vault_secret.forward) : s.value_wo_version == 2])
    error_message = "A raised version must write secrets anew."
  }
  assert {
    condition     = alltrue([for a in concat([azurerm_function_app_flex_consumption.receive], values(azurerm_function_app_flex_consumption.job)) : a.app_settings.SECRETS_VERSION == "2"])
    error_message = "The apps must restart, to read them."
  }
  assert {
    condition     = azurerm_function_app_flex_consumption.receive.app_settings.DT_SIGNATURE_SECRET == "azure-keyvault://mock.vault.azure.net/secrets/signature" && !contains(keys(azurerm_function_app_flex_consumption.receive.app_settings), "DT_SIGNATURE_SECRET_PREVIOUS")
    error_message = "Without a version the newest is read, and the one before is accepted too."
  }
}

run "random" {
  command = plan

  variables {
    signature_secret = null
    sink             = {}
  }

  assert {
    condition     = length(azurerm_key_vault_secret.forward) == 0 && output.forward_secret == null && !contains(keys(azurerm_function_app_flex_consumption.receive.app_settings), "DT_FORWARD_SECRET")
    error_message = "Without a secret one is made; without a URL there is nothing to sign with."
  }
}
