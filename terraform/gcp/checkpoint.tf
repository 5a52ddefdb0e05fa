# How far recover is with each connector (DT_CHECKPOINT), an object each.

locals {
  checkpoint = local.recovers ? "gcp-storage://${google_storage_bucket.checkpoints[0].name}/${var.name}" : ""
}

resource "google_storage_bucket" "checkpoints" {
  count = local.recovers ? 1 : 0

  project  = var.project_id
  name     = "${var.project_id}-${var.name}-checkpoints"
  location = var.region
  labels   = var.tags

  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  # Without its function a checkpoint is of no use.
  force_destroy = true

  # Each object is replaced every some minutes; keeping all the former ones for a week,
  # as is usual, is of no use either.
  soft_delete_policy {
    retention_duration_seconds = 0
  }

  dynamic "encryption" {
    for_each = var.kms_key_name[*]
    content {
      default_kms_key_name = encryption.value
    }
  }

  depends_on = [google_project_service.this]
}

resource "google_storage_bucket_iam_member" "recover" {
  count = local.recovers ? 1 : 0

  bucket = google_storage_bucket.checkpoints[0].name
  role   = "roles/storage.objectUser"
  member = "serviceAccount:${local.scheduled_accounts["recover"]}"
}
