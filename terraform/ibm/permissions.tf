# Who may do what: an identity (service ID) for receive, one for the functions that work on
# connectors, and for each what it needs of one topic, one bucket, one namespace.

locals {
  # Reaching the cluster is a permission of its own; writing is given topic by topic.
  write_events = {
    cluster     = { service = "messagehub", instance = local.event_streams_guid, type = "cluster", resource = "", roles = ["Reader"] }
    events      = { service = "messagehub", instance = local.event_streams_guid, type = "topic", resource = local.topic, roles = ["Writer"] }
    dead-letter = { service = "messagehub", instance = local.event_streams_guid, type = "topic", resource = local.dead_letter_topic, roles = ["Writer"] }
  }

  # Content Reader may list the bucket besides: without that a checkpoint that is not there
  # yet may be told as forbidden.
  keep_checkpoints = {
    checkpoint = { service = "cloud-object-storage", instance = local.object_storage_guid, type = "bucket", resource = local.bucket, roles = ["Content Reader", "Object Writer"] }
  }
}

# Raised, it makes keys anew.
resource "terraform_data" "secrets_version" {
  input = var.secrets_version
}

resource "ibm_iam_service_id" "receive" {
  name        = "${var.name}-receive"
  description = "Who the app ${var.name}-receive is"
}

resource "ibm_iam_service_policy" "receive" {
  for_each = local.write_events

  iam_id      = ibm_iam_service_id.receive.iam_id
  description = "${var.name}-receive: ${each.key}"
  roles       = each.value.roles

  dynamic "resource_attributes" {
    for_each = { for k, v in {
      serviceName     = each.value.service
      serviceInstance = each.value.instance
      resourceType    = each.value.type
      resource        = each.value.resource
    } : k => v if k != "resource" || each.key != "cluster" }

    content {
      name     = resource_attributes.key
      operator = "stringEquals"
      value    = resource_attributes.value
    }
  }
}

# Event Streams takes it as the password of the user "token".
resource "ibm_iam_service_api_key" "receive" {
  name           = "${var.name}-receive"
  description    = "By which the app ${var.name}-receive writes to Event Streams"
  iam_service_id = ibm_iam_service_id.receive.iam_id

  lifecycle {
    create_before_destroy = true
    replace_triggered_by  = [terraform_data.secrets_version]
  }
}

resource "ibm_iam_service_id" "scheduled" {
  count = local.has_connectors ? 1 : 0

  name        = "${var.name}-scheduled"
  description = "Who sync, configure and recover of ${var.name} are"
}

resource "ibm_iam_service_policy" "scheduled" {
  for_each = local.has_connectors ? merge(local.write_events, local.keep_checkpoints) : {}

  iam_id      = ibm_iam_service_id.scheduled[0].iam_id
  description = "${var.name}-scheduled: ${each.key}"
  roles       = each.value.roles

  dynamic "resource_attributes" {
    for_each = { for k, v in {
      serviceName     = each.value.service
      serviceInstance = each.value.instance
      resourceType    = each.value.type
      resource        = each.value.resource
    } : k => v if k != "resource" || each.key != "cluster" }

    content {
      name     = resource_attributes.key
      operator = "stringEquals"
      value    = resource_attributes.value
    }
  }
}

resource "ibm_iam_service_api_key" "scheduled" {
  count = local.has_connectors ? 1 : 0

  name           = "${var.name}-scheduled"
  description    = "By which recover of ${var.name} writes to Event Streams"
  iam_service_id = ibm_iam_service_id.scheduled[0].iam_id

  lifecycle {
    create_before_destroy = true
    replace_triggered_by  = [terraform_data.secrets_version]
  }
}

# HMAC credentials of the same identity. Without NONE they would come with a role of their
# own, for the whole instance.
resource "ibm_resource_key" "checkpoint" {
  count = local.has_connectors ? 1 : 0

  name                 = "${var.name}-checkpoint"
  resource_instance_id = local.object_storage_crn
  role                 = "NONE"
  parameters           = { HMAC = "true", serviceid_crn = ibm_iam_service_id.scheduled[0].crn }

  lifecycle {
    create_before_destroy = true
    replace_triggered_by  = [terraform_data.secrets_version]
  }
}
