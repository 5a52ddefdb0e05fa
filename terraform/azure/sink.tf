# Where events go, and the role to send them there.

locals {
  sink_is_made = var.sink.existing == null

  # What an existing one is called, by its resource id.
  existing = local.sink_is_made ? [] : split("/", var.sink.existing)

  sink_id = local.sink_is_made ? one(concat(azurerm_storage_queue.events[*].id, azurerm_servicebus_queue.events[*].id, azurerm_eventhub.events[*].id)) : var.sink.existing
  sink_url = {
    queue      = local.sink_is_made ? "azure-queue://${azurerm_storage_account.data.name}.queue.core.windows.net/events" : try("azure-queue://${local.existing[8]}.queue.core.windows.net/${local.existing[12]}", null)
    servicebus = local.sink_is_made ? try("azure-servicebus://${azurerm_servicebus_namespace.this[0].name}.servicebus.windows.net/events", null) : try("azure-servicebus://${local.existing[8]}.servicebus.windows.net/${local.existing[10]}", null)
    eventhubs  = local.sink_is_made ? try("azure-eventhubs://${azurerm_eventhub_namespace.this[0].name}.servicebus.windows.net/events", null) : try("azure-eventhubs://${local.existing[8]}.servicebus.windows.net/${local.existing[10]}", null)
  }[var.sink.kind]
  sinks = concat([local.sink_url], var.sink.urls)

  sink_role = {
    queue      = "Storage Queue Data Message Sender"
    servicebus = "Azure Service Bus Data Sender"
    eventhubs  = "Azure Event Hubs Data Sender"
  }[var.sink.kind]

  dead_letter_url = "azure-queue://${azurerm_storage_account.data.name}.queue.core.windows.net/${azurerm_storage_queue.dead_letter.name}"

  # What those need who publish: receive and recover.
  sink_settings = {
    DT_SINK        = join(",", local.sinks)
    DT_DEAD_LETTER = local.dead_letter_url
  }
  sink_roles = {
    sink        = { scope = local.sink_id, role = local.sink_role }
    dead_letter = { scope = azurerm_storage_queue.dead_letter.id, role = "Storage Queue Data Message Sender" }
  }
}

resource "azurerm_storage_queue" "events" {
  count = local.sink_is_made && var.sink.kind == "queue" ? 1 : 0

  name               = "events"
  storage_account_id = azurerm_storage_account.data.id
}

resource "azurerm_servicebus_namespace" "this" {
  count = local.sink_is_made && var.sink.kind == "servicebus" ? 1 : 0

  name                = "${var.name}-${local.suffix}"
  resource_group_name = local.group_name
  location            = local.location
  # Basic knows no duplicates.
  sku                 = "Standard"
  local_auth_enabled  = false
  minimum_tls_version = "1.2"
  tags                = local.tags
}

resource "azurerm_servicebus_queue" "events" {
  count = local.sink_is_made && var.sink.kind == "servicebus" ? 1 : 0

  name         = "events"
  namespace_id = azurerm_servicebus_namespace.this[0].id

  # A day: DT repeats for 12 hours, and recover fetches an hour before its checkpoint again.
  requires_duplicate_detection            = true
  duplicate_detection_history_time_window = "P1D"

  # What nobody can handle, or nobody has taken in time, is kept beside the queue.
  max_delivery_count                   = 10
  lock_duration                        = "PT1M"
  default_message_ttl                  = "P90D"
  dead_lettering_on_message_expiration = true
  max_size_in_megabytes                = 5120
}

resource "azurerm_eventhub_namespace" "this" {
  count = local.sink_is_made && var.sink.kind == "eventhubs" ? 1 : 0

  name                = "${var.name}-${local.suffix}"
  resource_group_name = local.group_name
  location            = local.location
  # Basic has no endpoint for Kafka, which events are sent by.
  sku                          = "Standard"
  capacity                     = var.eventhubs.throughput_units
  local_authentication_enabled = false
  minimum_tls_version          = "1.2"
  tags                         = local.tags
}

resource "azurerm_eventhub" "events" {
  count = local.sink_is_made && var.sink.kind == "eventhubs" ? 1 : 0

  name            = "events"
  namespace_id    = azurerm_eventhub_namespace.this[0].id
  partition_count = var.eventhubs.partitions

  retention_description {
    cleanup_policy          = "Delete"
    retention_time_in_hours = var.eventhubs.retention_hours
  }
}
