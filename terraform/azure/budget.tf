# Tells when it becomes more than was meant.

# A budget begins with a month, and with none that is past when it is made.
resource "time_static" "budget" {
  count = var.budget == null ? 0 : 1
}

resource "azurerm_consumption_budget_resource_group" "this" {
  count = var.budget == null ? 0 : 1

  name              = var.name
  resource_group_id = local.group_id
  amount            = var.budget
  time_grain        = "Monthly"

  time_period {
    start_date = formatdate("YYYY-MM-01'T'00:00:00'Z'", time_static.budget[0].rfc3339)
  }

  dynamic "notification" {
    for_each = { Actual = 80, Forecasted = 100 }

    content {
      operator       = "GreaterThan"
      threshold      = notification.value
      threshold_type = notification.key
      contact_emails = var.alarms.emails
    }
  }
}
