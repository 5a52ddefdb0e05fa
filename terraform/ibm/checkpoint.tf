# How far recover came. It is made where there are connectors: recover may also be run by
# hand, as a job.

resource "ibm_resource_instance" "object_storage" {
  count = local.has_connectors && var.object_storage == null ? 1 : 0

  name              = "${var.name}-object-storage"
  service           = "cloud-object-storage"
  plan              = "standard"
  location          = "global"
  resource_group_id = local.resource_group
  tags              = local.tags
}

resource "ibm_cos_bucket" "checkpoint" {
  count = local.has_connectors ? 1 : 0

  bucket_name          = local.bucket
  resource_instance_id = local.object_storage_crn
  region_location      = var.region
  storage_class        = "standard"
  kms_key_crn          = var.kms_key_crn
  # There is nothing in it that recover does not find out again from what DT keeps.
  force_delete = true

  depends_on = [time_sleep.object_storage_key_policy]
}

locals {
  bucket              = "${var.name}-checkpoint-${random_string.suffix.result}"
  object_storage_crn  = var.object_storage == null ? one(ibm_resource_instance.object_storage[*].id) : var.object_storage
  object_storage_guid = var.object_storage == null ? one(ibm_resource_instance.object_storage[*].guid) : split(":", var.object_storage)[7]

  checkpoint_url = "s3://s3.${var.region}.cloud-object-storage.appdomain.cloud/${local.bucket}/recover?region=${var.region}"
}
