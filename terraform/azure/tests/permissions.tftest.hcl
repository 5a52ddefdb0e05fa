# Who may do what: every role, and what it is given on.

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
  # The apply would run az.
  sync_timers = false
}

# Ids that can be told apart.
override_resource {
  target = azurerm_storage_account.receive
  values = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/mock/providers/Microsoft.Storage/storageAccounts/receive" }
}

override_resource {
  target = azurerm_storage_queue.events[0]
  values = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/mock/providers/Microsoft.Storage/storageAccounts/data/queueServices/default/queues/events" }
}

override_resource {
  target = azurerm_storage_queue.dead_letter
  values = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/mock/providers/Microsoft.Storage/storageAccounts/data/queueServices/default/queues/dead-letter" }
}

override_resource {
  target = azurerm_storage_container.checkpoint[0]
  values = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/mock/providers/Microsoft.Storage/storageAccounts/data/blobServices/default/containers/checkpoints" }
}

override_resource {
  target = azurerm_storage_container.receive
  values = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/mock/providers/Microsoft.Storage/storageAccounts/receive/blobServices/default/containers/package" }
}

override_resource {
  target = azurerm_storage_account.job["sync"]
  values = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/mock/providers/Microsoft.Storage/storageAccounts/sync" }
}

override_resource {
  target = azurerm_storage_account.job["configure"]
  values = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/mock/providers/Microsoft.Storage/storageAccounts/configure" }
}

override_resource {
  target = azurerm_storage_account.job["recover"]
  values = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/mock/providers/Microsoft.Storage/storageAccounts/recover" }
}

override_resource {
  target = azurerm_key_vault_secret.signature
  values = { versionless_id = "https://mock.vault.azure.net/secrets/signature", resource_versionless_id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/mock/providers/Microsoft.KeyVault/vaults/mock/secrets/signature" }
}

override_resource {
  target = azurerm_key_vault_secret.service_account[0]
  values = { versionless_id = "https://mock.vault.azure.net/secrets/service-account", resource_versionless_id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/mock/providers/Microsoft.KeyVault/vaults/mock/secrets/service-account" }
}

override_resource {
  target = azurerm_key_vault_secret.forward[0]
  values = { versionless_id = "https://mock.vault.azure.net/secrets/forward", resource_versionless_id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/mock/providers/Microsoft.KeyVault/vaults/mock/secrets/forward" }
}

override_resource {
  target = azurerm_user_assigned_identity.receive[0]
  values = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/mock/providers/Microsoft.ManagedIdentity/userAssignedIdentities/receive", principal_id = "aaaaaaaa-2222-3333-4444-555555555555" }
}

override_resource {
  target = azurerm_user_assigned_identity.job["sync"]
  values = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/mock/providers/Microsoft.ManagedIdentity/userAssignedIdentities/sync", principal_id = "11111111-aaaa-3333-4444-555555555555", client_id = "11111111-cccc-3333-4444-555555555555" }
}

override_resource {
  target = azurerm_user_assigned_identity.job["configure"]
  values = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/mock/providers/Microsoft.ManagedIdentity/userAssignedIdentities/configure", principal_id = "22222222-aaaa-3333-4444-555555555555", client_id = "22222222-cccc-3333-4444-555555555555" }
}

override_resource {
  target = azurerm_user_assigned_identity.job["recover"]
  values = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/mock/providers/Microsoft.ManagedIdentity/userAssignedIdentities/recover", principal_id = "33333333-aaaa-3333-4444-555555555555", client_id = "33333333-cccc-3333-4444-555555555555" }
}

run "roles" {
  command = apply

  variables {
    schedules = { sync = "0 3 * * *" }
    sink      = { urls = ["https://events.example.com/"] }
  }

  assert {
    condition = { for r, a in azurerm_role_assignment.receive : r => [split("providers/", a.scope)[1], a.role_definition_name] } == {
      sink        = ["Microsoft.Storage/storageAccounts/data/queueServices/default/queues/events", "Storage Queue Data Message Sender"]
      dead_letter = ["Microsoft.Storage/storageAccounts/data/queueServices/default/queues/dead-letter", "Storage Queue Data Message Sender"]
      host        = ["Microsoft.Storage/storageAccounts/receive", "Storage Blob Data Owner"]
      logs        = ["Microsoft.Insights/components/mock", "Monitoring Metrics Publisher"]

      DT_SIGNATURE_SECRET = ["Microsoft.KeyVault/vaults/mock/secrets/signature", "Key Vault Secrets User"]
      DT_FORWARD_SECRET   = ["Microsoft.KeyVault/vaults/mock/secrets/forward", "Key Vault Secrets User"]
    }
    error_message = "receive may send to the two queues, use its host's own storage, log, and read its two secrets; no more."
  }
  assert {
    condition = { for r, a in azurerm_role_assignment.job : r => [split("providers/", a.scope)[1], a.role_definition_name] } == {
      sync-host           = ["Microsoft.Storage/storageAccounts/sync", "Storage Blob Data Owner"]
      sync-logs           = ["Microsoft.Insights/components/mock", "Monitoring Metrics Publisher"]
      configure-host      = ["Microsoft.Storage/storageAccounts/configure", "Storage Blob Data Owner"]
      configure-logs      = ["Microsoft.Insights/components/mock", "Monitoring Metrics Publisher"]
      recover-sink        = ["Microsoft.Storage/storageAccounts/data/queueServices/default/queues/events", "Storage Queue Data Message Sender"]
      recover-dead_letter = ["Microsoft.Storage/storageAccounts/data/queueServices/default/queues/dead-letter", "Storage Queue Data Message Sender"]
      recover-checkpoint  = ["Microsoft.Storage/storageAccounts/data/blobServices/default/containers/checkpoints", "Storage Blob Data Contributor"]
      recover-host        = ["Microsoft.Storage/storageAccounts/recover", "Storage Blob Data Owner"]
      recover-logs        = ["Microsoft.Insights/components/mock", "Monitoring Metrics Publisher"]

      sync-DT_SERVICE_ACCOUNT_SECRET      = ["Microsoft.KeyVault/vaults/mock/secrets/service-account", "Key Vault Secrets User"]
      configure-DT_SERVICE_ACCOUNT_SECRET = ["Microsoft.KeyVault/vaults/mock/secrets/service-account", "Key Vault Secrets User"]
      configure-DT_SIGNATURE_SECRET       = ["Microsoft.KeyVault/vaults/mock/secrets/signature", "Key Vault Secrets User"]
      recover-DT_SERVICE_ACCOUNT_SECRET   = ["Microsoft.KeyVault/vaults/mock/secrets/service-account", "Key Vault Secrets User"]
      recover-DT_FORWARD_SECRET           = ["Microsoft.KeyVault/vaults/mock/secrets/forward", "Key Vault Secrets User"]
    }
    error_message = "recover may send and keep checkpoints; sync and configure may do neither. Each may read the secrets that it needs, and no other."
  }
  assert {
    condition     = alltrue([for a in values(azurerm_role_assignment.receive) : a.principal_id == "aaaaaaaa-2222-3333-4444-555555555555"])
    error_message = "Roles are given to the app's identity."
  }
  assert {
    condition = { for r, a in azurerm_role_assignment.job : r => a.principal_id } == {
      sync-host                           = "11111111-aaaa-3333-4444-555555555555"
      sync-logs                           = "11111111-aaaa-3333-4444-555555555555"
      configure-host                      = "22222222-aaaa-3333-4444-555555555555"
      configure-logs                      = "22222222-aaaa-3333-4444-555555555555"
      recover-sink                        = "33333333-aaaa-3333-4444-555555555555"
      recover-dead_letter                 = "33333333-aaaa-3333-4444-555555555555"
      recover-checkpoint                  = "33333333-aaaa-3333-4444-555555555555"
      recover-host                        = "33333333-aaaa-3333-4444-555555555555"
      recover-logs                        = "33333333-aaaa-3333-4444-555555555555"
      sync-DT_SERVICE_ACCOUNT_SECRET      = "11111111-aaaa-3333-4444-555555555555"
      configure-DT_SERVICE_ACCOUNT_SECRET = "22222222-aaaa-3333-4444-555555555555"
      configure-DT_SIGNATURE_SECRET       = "22222222-aaaa-3333-4444-555555555555"
      recover-DT_SERVICE_ACCOUNT_SECRET   = "33333333-aaaa-3333-4444-555555555555"
      recover-DT_FORWARD_SECRET           = "33333333-aaaa-3333-4444-555555555555"
    }
    error_message = "The same goes for the scheduled functions, each for itself."
  }
  assert {
    condition = { for f, a in azurerm_function_app_flex_consumption.job : f => [reverse(split("/", a.storage_user_assigned_identity_id))[0], reverse(split("/", one(a.identity[0].identity_ids)))[0], a.app_settings.AZURE_CLIENT_ID] } == {
      sync      = ["sync", "sync", "11111111-cccc-3333-4444-555555555555"]
      configure = ["configure", "configure", "22222222-cccc-3333-4444-555555555555"]
      recover   = ["recover", "recover", "33333333-cccc-3333-4444-555555555555"]
    }
    error_message = "Each has an identity of its own."
  }
  assert {
    condition     = alltrue([for a in concat(values(azurerm_role_assignment.receive), values(azurerm_role_assignment.job)) : a.principal_type == "ServicePrincipal"])
    error_message = "Azure must not look for a new identity before it can know it."
  }
  assert {
    condition     = alltrue([for s in concat([time_sleep.secrets, time_sleep.receive], values(time_sleep.job)) : s.create_duration == "120s"])
    error_message = "New roles must have time to work before they are used."
  }
  assert {
    # By the id of each assignment: the apps wait for those to work.
    condition     = keys(time_sleep.receive.triggers) == sort(concat(keys(azurerm_role_assignment.receive), ["deployer"])) && { for f, s in time_sleep.job : f => keys(s.triggers) } == { for f in keys(time_sleep.job) : f => sort(concat([for r in keys(azurerm_role_assignment.job) : r if startswith(r, "${f}-")], ["deployer"])) }
    error_message = "Each app must wait for all of its roles, those for secrets too."
  }
  assert {
    condition     = alltrue([for a in concat([azurerm_function_app_flex_consumption.receive], values(azurerm_function_app_flex_consumption.job)) : a.identity[0].type == "UserAssigned"])
    error_message = "An app has no identity but the one with its roles."
  }
  assert {
    condition     = azurerm_function_app_flex_consumption.receive.identity[0].identity_ids == toset(["/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/mock/providers/Microsoft.ManagedIdentity/userAssignedIdentities/receive"])
    error_message = "receive has an identity of its own."
  }
  assert {
    condition     = [for a in azurerm_role_assignment.deployer_secrets : [reverse(split("/", a.scope))[0], a.role_definition_name, a.principal_id]] == [["mock", "Key Vault Secrets Officer", "33333333-2222-3333-4444-555555555555"]]
    error_message = "Whoever runs Terraform may write secrets."
  }
  assert {
    condition     = [for a in concat(azurerm_role_assignment.deployer_receive, values(azurerm_role_assignment.deployer_job)) : a.role_definition_name] == ["Storage Blob Data Contributor", "Storage Blob Data Contributor", "Storage Blob Data Contributor", "Storage Blob Data Contributor"] && endswith(azurerm_role_assignment.deployer_receive[0].scope, "/containers/package")
    error_message = "Whoever runs Terraform may upload packages, and nothing else."
  }
}

run "deployer_is_another" {
  command = plan

  variables {
    deployer = { object_id = "bbbbbbbb-2222-3333-4444-555555555555" }
  }

  assert {
    condition     = alltrue([for a in concat(azurerm_role_assignment.deployer_secrets, azurerm_role_assignment.deployer_receive, values(azurerm_role_assignment.deployer_job)) : a.principal_id == "bbbbbbbb-2222-3333-4444-555555555555"])
    error_message = "The roles are given to who is named."
  }
}

run "deployer_has_roles" {
  command = plan

  variables {
    deployer = { assign_roles = false }
  }

  assert {
    condition     = length(azurerm_role_assignment.deployer_secrets) == 0 && length(azurerm_role_assignment.deployer_receive) == 0 && length(azurerm_role_assignment.deployer_job) == 0 && time_sleep.secrets.create_duration == "0s"
    error_message = "Who has roles is given none."
  }
}

run "own_identities" {
  command = plan

  variables {
    identities = {
      receive = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/mock/providers/Microsoft.ManagedIdentity/userAssignedIdentities/own", client_id = "cccccccc-2222-3333-4444-555555555555" }
      recover = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/mock/providers/Microsoft.ManagedIdentity/userAssignedIdentities/own", client_id = "cccccccc-2222-3333-4444-555555555555" }
    }
  }

  assert {
    condition     = length(azurerm_user_assigned_identity.receive) == 0 && keys(azurerm_user_assigned_identity.job) == ["configure"] && length(azurerm_role_assignment.receive) == 0 && keys(azurerm_role_assignment.job) == ["configure-DT_SERVICE_ACCOUNT_SECRET", "configure-DT_SIGNATURE_SECRET", "configure-host", "configure-logs"]
    error_message = "A function with an identity of yours gets none made, and no roles."
  }
  assert {
    condition     = azurerm_function_app_flex_consumption.receive.app_settings.AZURE_CLIENT_ID == "cccccccc-2222-3333-4444-555555555555" && azurerm_function_app_flex_consumption.job["recover"].storage_user_assigned_identity_id == var.identities["recover"].id
    error_message = "It is the one that is used."
  }
}
