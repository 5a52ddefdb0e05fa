# Who is told, by e-mail: Event Notifications, which IBM Cloud Logs is connected to by an
# outbound integration. The integration is made by hand, by the command in the output next,
# and its number goes into alarms.notify; before it is there, Event Notifications does not
# know the logs, and no topic can be made of them.

locals {
  tells_emails           = var.alarms.enabled && length(var.alarms.emails) > 0
  notifications_are_made = local.tells_emails && var.event_notifications == null

  notifications_crn  = local.notifications_are_made ? ibm_resource_instance.event_notifications[0].id : var.event_notifications
  notifications_guid = local.notifications_are_made ? ibm_resource_instance.event_notifications[0].guid : var.event_notifications == null ? null : split(":", var.event_notifications)[7]

  integrated = local.tells_emails && length(var.alarms.notify) > 0
}

resource "ibm_resource_instance" "event_notifications" {
  count = local.notifications_are_made ? 1 : 0

  name              = "${var.name}-notifications"
  service           = "event-notifications"
  plan              = "standard"
  location          = var.region
  resource_group_id = local.resource_group
  tags              = local.tags
}

resource "ibm_iam_authorization_policy" "notifications" {
  count = local.tells_emails ? 1 : 0

  description                 = "The logs of ${var.name} send alarms to Event Notifications"
  source_service_name         = "logs"
  source_resource_instance_id = local.logs_guid
  target_service_name         = "event-notifications"
  target_resource_instance_id = local.notifications_guid
  roles                       = ["Event Source Manager", "Viewer"]
}

# Each instance has one that sends IBM Cloud's mails.
data "ibm_en_destinations" "this" {
  count = local.integrated ? 1 : 0

  instance_guid = local.notifications_guid
}

resource "ibm_en_topic" "alarms" {
  count = local.integrated ? 1 : 0

  instance_guid = local.notifications_guid
  name          = "${var.name}-alarms"
  description   = "Alarms of ${var.name}"

  sources {
    id = local.logs_crn

    rules {
      enabled           = true
      event_type_filter = "$.*"
    }
  }
}

# Each address gets a mail with an invitation, and nothing before it is accepted.
resource "ibm_en_subscription_email" "alarms" {
  count = local.integrated ? 1 : 0

  instance_guid  = local.notifications_guid
  name           = "${var.name}-alarms"
  description    = "Who is told of alarms of ${var.name}"
  destination_id = one([for d in data.ibm_en_destinations.this[0].destinations : d.id if d.type == "smtp_ibm"])
  topic_id       = ibm_en_topic.alarms[0].topic_id

  attributes {
    add_notification_payload = true
    invited                  = var.alarms.emails
    from_name                = var.name
    reply_to_mail            = var.alarms.emails[0]
    reply_to_name            = var.name
  }
}

check "notify" {
  assert {
    condition     = !local.tells_emails || local.integrated
    error_message = "alarms.emails are told of nothing yet: run the command next.notifications, which connects the logs with Event Notifications, and put the number that it prints as external_id into alarms.notify."
  }
}
