# Who is told of alarms.

locals {
  channels = concat([for c in google_monitoring_notification_channel.email : c.name], var.alarms.enabled ? var.alarms.notify : [])
}

resource "google_monitoring_notification_channel" "email" {
  for_each = var.alarms.enabled ? toset(var.alarms.emails) : toset([])

  project      = var.project_id
  display_name = "${var.name}: ${each.key}"
  type         = "email"
  labels       = { email_address = each.key }
  user_labels  = var.tags

  depends_on = [google_project_service.this]
}
