# What variables.tf and the preconditions refuse: one fault each.

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
  location = "norwayeast"
  archive  = "./tests/source/before.zip"
}

run "location_is_none" {
  command = plan

  variables {
    location = "1"
  }

  expect_failures = [var.location]
}

run "location_missing" {
  command = plan

  variables {
    location = null
  }

  expect_failures = [var.location]
}

run "resource_group_ends_in_a_period" {
  command = plan

  variables {
    resource_group_name = "group."
  }

  expect_failures = [var.resource_group_name]
}

run "archive_missing" {
  command = plan

  variables {
    archive = "./tests/source/none.zip"
  }

  expect_failures = [var.archive]
}

run "deploy_is_none" {
  command = plan

  variables {
    deploy = "ftp"
  }

  expect_failures = [var.deploy]
}

run "sink_kind_is_none" {
  command = plan

  variables {
    sink = { kind = "sqs" }
  }

  expect_failures = [var.sink]
}

run "sink_existing_is_a_url" {
  command = plan

  variables {
    sink = { existing = "https://account.queue.core.windows.net/events" }
  }

  expect_failures = [var.sink]
}

run "sink_existing_of_another_kind" {
  command = plan

  variables {
    sink = { kind = "eventhubs", existing = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ServiceBus/namespaces/sensors/queues/events" }
  }

  expect_failures = [var.sink]
}

run "sink_url_without_tls" {
  command = plan

  variables {
    sink = { urls = ["http://events.example.com/"] }
  }

  expect_failures = [var.sink]
}

run "sink_url_with_a_password" {
  command = plan

  variables {
    sink = { urls = ["https://user:pass@events.example.com/"] }
  }

  expect_failures = [var.sink]
}

run "sink_url_twice" {
  command = plan

  variables {
    sink = { urls = ["https://events.example.com/", "https://events.example.com/"] }
  }

  expect_failures = [var.sink]
}

run "eventhubs_too_many_partitions" {
  command = plan

  variables {
    eventhubs = { partitions = 33 }
  }

  expect_failures = [var.eventhubs]
}

run "eventhubs_kept_too_long" {
  command = plan

  variables {
    eventhubs = { retention_hours = 169 }
  }

  expect_failures = [var.eventhubs]
}

run "eventhubs_no_throughput" {
  command = plan

  variables {
    eventhubs = { throughput_units = 0 }
  }

  expect_failures = [var.eventhubs]
}

run "signature_secret_too_short" {
  command = plan

  variables {
    signature_secret = "planted-short"
  }

  expect_failures = [var.signature_secret]
}

run "signature_secret_is_a_reference" {
  command = plan

  variables {
    signature_secret = "@Microsoft.KeyVault(SecretUri=https://vault.vault.azure.net/secrets/planted-name)"
  }

  expect_failures = [var.signature_secret]
}

run "signature_secret_is_a_reference_of_the_program" {
  command = plan

  variables {
    signature_secret = "azure-keyvault://vault.vault.azure.net/secrets/planted-name"
  }

  expect_failures = [var.signature_secret]
}

run "service_account_secret_with_a_line_break" {
  command = plan

  variables {
    service_account_secret = "planted-service-account\n"
  }

  expect_failures = [var.service_account_secret]
}

run "service_account_secret_is_a_reference" {
  command = plan

  variables {
    service_account_secret = "@Microsoft.KeyVault(SecretUri=https://vault.vault.azure.net/secrets/planted-name)"
  }

  expect_failures = [var.service_account_secret]
}

run "service_account_secret_is_a_reference_of_the_program" {
  command = plan

  variables {
    service_account_secret = "azure-keyvault://vault.vault.azure.net/secrets/planted-name"
  }

  expect_failures = [var.service_account_secret]
}

run "service_account_secret_missing" {
  command = plan

  variables {
    connectors      = ["projects/cvinmt9aq9sc738g6eog/dataconnectors/d0a1b2c3d4e5f6g7h8i9"]
    service_account = { key_id = "cvinmt9aq9sc738g6eoh" }
  }

  expect_failures = [var.service_account_secret]
}

run "secrets_version_is_none" {
  command = plan

  variables {
    secrets_version = 0
  }

  expect_failures = [var.secrets_version]
}

run "secrets_version_is_broken" {
  command = plan

  variables {
    secrets_version = 1.5
  }

  expect_failures = [var.secrets_version]
}

run "deployer_is_a_name" {
  command = plan

  variables {
    deployer = { object_id = "ops" }
  }

  expect_failures = [var.deployer]
}

run "identity_of_no_function" {
  command = plan

  variables {
    identities = { rotate = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/own/providers/Microsoft.ManagedIdentity/userAssignedIdentities/own", client_id = "55555555-2222-3333-4444-555555555555" } }
  }

  expect_failures = [var.identities]
}

run "identity_by_its_name" {
  command = plan

  variables {
    identities = { receive = { id = "own", client_id = "55555555-2222-3333-4444-555555555555" } }
  }

  expect_failures = [var.identities]
}

run "identity_without_client" {
  command = plan

  variables {
    identities = { receive = { id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/own/providers/Microsoft.ManagedIdentity/userAssignedIdentities/own", client_id = "own" } }
  }

  expect_failures = [var.identities]
}

run "operator_is_a_name" {
  command = plan

  variables {
    operator_ips = ["ops.example.com"]
  }

  expect_failures = [var.operator_ips]
}

run "operator_is_everybody" {
  command = plan

  variables {
    operator_ips = ["0.0.0.0/0"]
  }

  expect_failures = [var.operator_ips]
}

run "memory_is_none" {
  command = plan

  variables {
    memory_mb = 1024
  }

  expect_failures = [var.memory_mb]
}

run "instances_too_few" {
  command = plan

  variables {
    max_instances = 39
  }

  expect_failures = [var.max_instances]
}

run "instances_too_many" {
  command = plan

  variables {
    max_instances = 1001
  }

  expect_failures = [var.max_instances]
}

run "always_ready_negative" {
  command = plan

  variables {
    min_instances = -1
  }

  expect_failures = [var.min_instances]
}

run "always_ready_more_than_all" {
  command = plan

  variables {
    min_instances = 101
  }

  expect_failures = [var.min_instances]
}

run "replication_is_none" {
  command = plan

  variables {
    storage_replication = "local"
  }

  expect_failures = [var.storage_replication]
}

run "key_with_a_version" {
  command = plan

  variables {
    customer_managed_key = { key_vault_key_id = "https://vault.vault.azure.net/keys/name/0123456789abcdef0123456789abcdef", user_assigned_identity_id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/own/providers/Microsoft.ManagedIdentity/userAssignedIdentities/own" }
  }

  expect_failures = [var.customer_managed_key]
}

run "key_of_an_identity_by_its_name" {
  command = plan

  variables {
    customer_managed_key = { key_vault_key_id = "https://vault.vault.azure.net/keys/name", user_assigned_identity_id = "own" }
  }

  expect_failures = [var.customer_managed_key]
}

run "key_for_a_namespace" {
  command = plan

  variables {
    customer_managed_key = { key_vault_key_id = "https://vault.vault.azure.net/keys/name", user_assigned_identity_id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/own/providers/Microsoft.ManagedIdentity/userAssignedIdentities/own" }
    sink                 = { kind = "servicebus" }
  }

  expect_failures = [var.customer_managed_key]
}

run "budget_of_nothing" {
  command = plan

  variables {
    budget = 0
    alarms = { emails = ["ops@example.com"] }
  }

  expect_failures = [var.budget]
}

run "budget_nobody_is_told_of" {
  command = plan

  variables {
    budget = 20
  }

  expect_failures = [var.budget]
}

run "notify_is_a_topic" {
  command = plan

  variables {
    alarms = { notify = ["arn:aws:sns:eu-north-1:123456789012:pager"] }
  }

  expect_failures = [azurerm_monitor_scheduled_query_rules_alert_v2.this]
}

run "notify_six_groups" {
  command = plan

  variables {
    alarms = { emails = ["ops@example.com"], notify = [for g in ["a", "b", "c", "d", "e"] : "/subscriptions/s/resourceGroups/g/providers/Microsoft.Insights/actionGroups/${g}"] }
  }

  expect_failures = [azurerm_monitor_scheduled_query_rules_alert_v2.this]
}

run "schedule_of_the_61st_minute" {
  command = plan

  variables {
    connectors             = ["projects/cvinmt9aq9sc738g6eog/dataconnectors/d0a1b2c3d4e5f6g7h8i9"]
    service_account        = { key_id = "cvinmt9aq9sc738g6eoh" }
    service_account_secret = "planted-service-account"
    schedules              = { configure = "60 * * * *" }
  }

  expect_failures = [azurerm_function_app_flex_consumption.job]
}

run "schedule_of_day_0" {
  command = plan

  variables {
    connectors             = ["projects/cvinmt9aq9sc738g6eog/dataconnectors/d0a1b2c3d4e5f6g7h8i9"]
    service_account        = { key_id = "cvinmt9aq9sc738g6eoh" }
    service_account_secret = "planted-service-account"
    schedules              = { configure = "0 0 0 * *" }
  }

  expect_failures = [azurerm_function_app_flex_consumption.job]
}

run "schedule_of_no_minutes" {
  command = plan

  variables {
    connectors             = ["projects/cvinmt9aq9sc738g6eog/dataconnectors/d0a1b2c3d4e5f6g7h8i9"]
    service_account        = { key_id = "cvinmt9aq9sc738g6eoh" }
    service_account_secret = "planted-service-account"
    schedules              = { configure = "*/0 * * * *" }
  }

  expect_failures = [azurerm_function_app_flex_consumption.job]
}

run "schedule_over_midnight" {
  command = plan

  variables {
    connectors             = ["projects/cvinmt9aq9sc738g6eog/dataconnectors/d0a1b2c3d4e5f6g7h8i9"]
    service_account        = { key_id = "cvinmt9aq9sc738g6eoh" }
    service_account_secret = "planted-service-account"
    schedules              = { configure = "0 22-5 * * *" }
  }

  expect_failures = [azurerm_function_app_flex_consumption.job]
}
