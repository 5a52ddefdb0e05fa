# Services use a key of the customer's by an authorization of their own, for that key alone.

locals {
  # crn, v1, cloud, kind, service, region, account, instance, "key", id
  key = split(":", coalesce(var.kms_key_crn, ":::::::::"))

  key_attributes = {
    accountId       = trimprefix(local.key[6], "a/")
    serviceName     = local.key[4]
    serviceInstance = local.key[7]
    resourceType    = "key"
    resource        = local.key[9]
  }
}

# Before there is an instance, it can only be told by its group.
resource "ibm_iam_authorization_policy" "event_streams_key" {
  count = var.kms_key_crn != null && local.instance_is_made ? 1 : 0

  description              = "Event Streams of ${var.name} reads the key that its disks are encrypted with"
  source_service_name      = "messagehub"
  source_resource_group_id = local.resource_group
  roles                    = ["Reader"]

  dynamic "resource_attributes" {
    for_each = local.key_attributes

    content {
      name     = resource_attributes.key
      operator = "stringEquals"
      value    = resource_attributes.value
    }
  }
}

resource "ibm_iam_authorization_policy" "object_storage_key" {
  count = var.kms_key_crn != null && local.has_connectors ? 1 : 0

  description                 = "Object Storage of ${var.name} reads the key that checkpoints are encrypted with"
  source_service_name         = "cloud-object-storage"
  source_resource_instance_id = local.object_storage_guid
  roles                       = ["Reader"]

  dynamic "resource_attributes" {
    for_each = local.key_attributes

    content {
      name     = resource_attributes.key
      operator = "stringEquals"
      value    = resource_attributes.value
    }
  }
}

# The same for those that may use the key: what is made with a key that it may not use yet
# is refused.
resource "time_sleep" "event_streams_key_policy" {
  count = var.kms_key_crn != null && local.instance_is_made ? 1 : 0

  create_duration = "60s"

  depends_on = [ibm_iam_authorization_policy.event_streams_key]
}

resource "time_sleep" "object_storage_key_policy" {
  count = var.kms_key_crn != null && local.has_connectors ? 1 : 0

  create_duration = "60s"

  depends_on = [ibm_iam_authorization_policy.object_storage_key]
}
