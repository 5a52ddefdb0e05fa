# Each kind of sink, made here and of your own.

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

run "queue" {
  command = apply

  assert {
    condition     = azurerm_storage_queue.events[0].name == "events" && azurerm_storage_queue.events[0].storage_account_id == azurerm_storage_account.data.id && azurerm_role_assignment.receive["sink"].role_definition_name == "Storage Queue Data Message Sender"
    error_message = "Events go to a Storage queue."
  }
}

run "servicebus" {
  command = apply

  variables {
    sink = { kind = "servicebus" }
  }

  assert {
    condition     = output.sinks == ["azure-servicebus://dt-functions-a1b2c3d4.servicebus.windows.net/events"] && azurerm_function_app_flex_consumption.receive.app_settings.DT_SINK == output.sinks[0]
    error_message = "Events go to a Service Bus queue."
  }
  assert {
    condition     = azurerm_servicebus_namespace.this[0].sku == "Standard" && !azurerm_servicebus_namespace.this[0].local_auth_enabled && azurerm_servicebus_namespace.this[0].minimum_tls_version == "1.2"
    error_message = "The namespace knows duplicates, and has no keys."
  }
  assert {
    condition     = azurerm_servicebus_queue.events[0].requires_duplicate_detection && azurerm_servicebus_queue.events[0].duplicate_detection_history_time_window == "P1D" && azurerm_servicebus_queue.events[0].dead_lettering_on_message_expiration
    error_message = "The queue knows duplicates for longer than DT repeats, and loses nothing."
  }
  assert {
    condition     = azurerm_role_assignment.receive["sink"].role_definition_name == "Azure Service Bus Data Sender" && azurerm_role_assignment.receive["sink"].scope == azurerm_servicebus_queue.events[0].id && azurerm_role_assignment.job["recover-sink"].scope == azurerm_servicebus_queue.events[0].id
    error_message = "receive and recover may send to the queue, and not to the namespace."
  }
  assert {
    condition     = length(azurerm_storage_queue.events) == 0 && output.dead_letter == "azure-queue://dtfunctionsdta1b2c3d4.queue.core.windows.net/dead-letter"
    error_message = "Dead letters go to a Storage queue whatever the sink is."
  }
}

run "eventhubs" {
  command = apply

  variables {
    sink      = { kind = "eventhubs" }
    eventhubs = { partitions = 8, retention_hours = 24, throughput_units = 2 }
  }

  assert {
    condition     = output.sinks == ["azure-eventhubs://dt-functions-a1b2c3d4.servicebus.windows.net/events"]
    error_message = "Events go to an event hub."
  }
  assert {
    condition     = azurerm_eventhub_namespace.this[0].sku == "Standard" && !azurerm_eventhub_namespace.this[0].local_authentication_enabled && azurerm_eventhub_namespace.this[0].capacity == 2
    error_message = "The namespace speaks Kafka, and has no keys."
  }
  assert {
    condition     = azurerm_eventhub.events[0].partition_count == 8 && azurerm_eventhub.events[0].retention_description[0].retention_time_in_hours == 24 && azurerm_eventhub.events[0].retention_description[0].cleanup_policy == "Delete"
    error_message = "The hub is as asked for."
  }
  assert {
    condition     = azurerm_role_assignment.receive["sink"].role_definition_name == "Azure Event Hubs Data Sender" && azurerm_role_assignment.receive["sink"].scope == azurerm_eventhub.events[0].id
    error_message = "receive may send to the hub, and not to the namespace."
  }
}

run "existing_queue" {
  command = plan

  variables {
    sink = { existing = "/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/own/providers/Microsoft.Storage/storageAccounts/ownaccount/queueServices/default/queues/own-events" }
  }

  assert {
    condition     = output.sinks == ["azure-queue://ownaccount.queue.core.windows.net/own-events"] && output.sink_id == var.sink.existing && length(azurerm_storage_queue.events) == 0
    error_message = "Events go to the queue that is named; none is made."
  }
  assert {
    condition     = azurerm_role_assignment.receive["sink"].scope == var.sink.existing && azurerm_role_assignment.job["recover-sink"].scope == var.sink.existing
    error_message = "The role is given on it."
  }
}

run "existing_topic" {
  command = plan

  variables {
    sink = { kind = "servicebus", existing = "/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/own/providers/Microsoft.ServiceBus/namespaces/own-namespace/topics/sensors" }
  }

  assert {
    condition     = output.sinks == ["azure-servicebus://own-namespace.servicebus.windows.net/sensors"] && length(azurerm_servicebus_namespace.this) == 0 && azurerm_role_assignment.receive["sink"].role_definition_name == "Azure Service Bus Data Sender"
    error_message = "Events go to the topic that is named."
  }
  assert {
    condition     = azurerm_monitor_metric_alert.this["undelivered"].scopes == toset(["/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/own/providers/Microsoft.ServiceBus/namespaces/own-namespace"]) && one([for c in azurerm_monitor_metric_alert.this["undelivered"].criteria : one(one(c.dimension).values)]) == "sensors"
    error_message = "Its dead letters are alarmed on."
  }
}

run "existing_hub" {
  command = plan

  variables {
    sink = { kind = "eventhubs", existing = "/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/own/providers/Microsoft.EventHub/namespaces/own-namespace/eventhubs/sensors" }
  }

  assert {
    condition     = output.sinks == ["azure-eventhubs://own-namespace.servicebus.windows.net/sensors"] && length(azurerm_eventhub_namespace.this) == 0 && azurerm_role_assignment.receive["sink"].scope == var.sink.existing
    error_message = "Events go to the hub that is named."
  }
}

run "further_urls" {
  command = plan

  variables {
    sink = { urls = ["https://a.example.com/", "https://b.example.com/events?x=1"] }
  }

  assert {
    condition     = azurerm_function_app_flex_consumption.receive.app_settings.DT_SINK == "azure-queue://dtfunctionsdta1b2c3d4.queue.core.windows.net/events,https://a.example.com/,https://b.example.com/events?x=1" && length(output.sinks) == 3
    error_message = "Events go to the queue and to each URL."
  }
}
