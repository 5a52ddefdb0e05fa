# Authentic events that cannot be handled. A Storage queue whatever the sink is: messages in
# it never expire, and it does not fail together with a namespace.

resource "azurerm_storage_queue" "dead_letter" {
  name               = "dead-letter"
  storage_account_id = azurerm_storage_account.data.id
}
