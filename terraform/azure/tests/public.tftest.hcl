# Nothing but receive can be reached, and storage, vault and namespaces by identity alone.

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

run "closed" {
  command = apply

  variables {
    schedules = { sync = "0 3 * * *" }
  }

  assert {
    condition     = azurerm_function_app_flex_consumption.receive.site_config[0].ip_restriction_default_action == "Allow" && azurerm_function_app_flex_consumption.receive.public_network_access_enabled && length(azurerm_function_app_flex_consumption.receive.site_config[0].ip_restriction) == 0
    error_message = "DT must reach receive."
  }
  assert {
    condition     = length(azurerm_function_app_flex_consumption.job) == 3 && alltrue([for a in azurerm_function_app_flex_consumption.job : a.site_config[0].ip_restriction_default_action == "Deny" && length(a.site_config[0].ip_restriction) == 0])
    error_message = "Nobody may reach the scheduled functions."
  }
  assert {
    condition = alltrue([for a in concat([azurerm_function_app_flex_consumption.receive], values(azurerm_function_app_flex_consumption.job)) :
    a.site_config[0].scm_ip_restriction_default_action == "Deny" && length(a.site_config[0].scm_ip_restriction) == 0 && !a.site_config[0].scm_use_main_ip_restriction])
    error_message = "Nobody may reach the deployment endpoints."
  }
  assert {
    condition = alltrue([for a in concat([azurerm_function_app_flex_consumption.receive], values(azurerm_function_app_flex_consumption.job)) :
    a.https_only && a.site_config[0].minimum_tls_version == "1.2" && a.site_config[0].scm_minimum_tls_version == "1.2"])
    error_message = "Only TLS is spoken."
  }
  assert {
    condition = alltrue([for a in concat([azurerm_storage_account.data, azurerm_storage_account.receive], values(azurerm_storage_account.job)) :
    !a.shared_access_key_enabled && !a.allow_nested_items_to_be_public && !a.local_user_enabled && !a.cross_tenant_replication_enabled && a.https_traffic_only_enabled && a.min_tls_version == "TLS1_2"])
    error_message = "Storage is for identities alone, over TLS alone, and nothing in it is public."
  }
  assert {
    condition     = alltrue([for c in concat([azurerm_storage_container.receive], azurerm_storage_container.checkpoint, values(azurerm_storage_container.job)) : c.container_access_type == "private"])
    error_message = "Containers are private."
  }
  assert {
    condition     = azurerm_key_vault.this.rbac_authorization_enabled && azurerm_key_vault.this.purge_protection_enabled && azurerm_key_vault.this.soft_delete_retention_days == 7
    error_message = "The vault goes by roles."
  }
  assert {
    condition     = azurerm_monitor_diagnostic_setting.key_vault.target_resource_id == azurerm_key_vault.this.id && azurerm_monitor_diagnostic_setting.key_vault.log_analytics_workspace_id == azurerm_log_analytics_workspace.this.id && [for l in azurerm_monitor_diagnostic_setting.key_vault.enabled_log : l.category] == ["AuditEvent"]
    error_message = "Who reads secrets is logged."
  }
  assert {
    condition     = !azurerm_application_insights.this.local_authentication_enabled && !azurerm_log_analytics_workspace.this.local_authentication_enabled
    error_message = "Nobody logs by a key."
  }
}

run "one_function_an_app" {
  command = plan

  variables {
    schedules = { sync = "0 3 * * *" }
  }

  assert {
    condition = { for f, a in merge({ receive = azurerm_function_app_flex_consumption.receive }, azurerm_function_app_flex_consumption.job) : f => [for s in keys(a.app_settings) : split(".", s)[1] if startswith(s, "AzureWebJobs.") && a.app_settings[s] == "true"] } == {
      receive   = ["configure", "recover", "sync"]
      sync      = ["configure", "receive", "recover"]
      configure = ["receive", "recover", "sync"]
      recover   = ["configure", "receive", "sync"]
    }
    error_message = "Each app runs its own function, and has turned the others off."
  }
  assert {
    condition     = alltrue([for f, a in azurerm_function_app_flex_consumption.job : f == "recover" || a.app_settings.DT_SINK == "stdout:"]) && alltrue([for f in ["sync", "recover"] : azurerm_function_app_flex_consumption.job[f].app_settings.DT_ORGANIZATION_ID == "none"])
    error_message = "The program starts without what only receive needs."
  }
}

run "operators" {
  command = plan

  variables {
    operator_ips = ["192.0.2.0/24", "198.51.100.7/32"]
  }

  assert {
    condition = [for r in azurerm_function_app_flex_consumption.job["recover"].site_config[0].ip_restriction : [r.name, r.action, r.ip_address, tostring(r.priority)]] == [
      ["operator-00", "Allow", "192.0.2.0/24", "100"],
      ["operator-01", "Allow", "198.51.100.7/32", "101"],
    ]
    error_message = "Operators reach the scheduled functions."
  }
  assert {
    condition     = alltrue([for a in concat([azurerm_function_app_flex_consumption.receive], values(azurerm_function_app_flex_consumption.job)) : [for r in a.site_config[0].scm_ip_restriction : r.ip_address] == ["192.0.2.0/24", "198.51.100.7/32"]])
    error_message = "Operators may deploy."
  }
  assert {
    condition     = alltrue([for a in azurerm_function_app_flex_consumption.job : a.site_config[0].ip_restriction_default_action == "Deny" && a.site_config[0].scm_ip_restriction_default_action == "Deny"])
    error_message = "Nobody else does."
  }
}

run "deployed_from_anywhere" {
  command = plan

  variables {
    deploy = "zip"
  }

  assert {
    condition     = alltrue([for a in concat([azurerm_function_app_flex_consumption.receive], values(azurerm_function_app_flex_consumption.job)) : a.site_config[0].scm_ip_restriction_default_action == "Allow"]) && alltrue([for a in azurerm_function_app_flex_consumption.job : a.site_config[0].ip_restriction_default_action == "Deny"])
    error_message = "For deploy = zip the deployment endpoints are open; the functions are not."
  }
}

run "deployed_by_operators" {
  command = plan

  variables {
    deploy       = "zip"
    operator_ips = ["192.0.2.0/24"]
  }

  assert {
    condition     = alltrue([for a in concat([azurerm_function_app_flex_consumption.receive], values(azurerm_function_app_flex_consumption.job)) : a.site_config[0].scm_ip_restriction_default_action == "Deny"])
    error_message = "With operators, they alone deploy."
  }
}
