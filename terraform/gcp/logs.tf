# Logs. Cloud Logging keeps them for 30 days by itself; where they are to be kept longer
# they also go to a bucket, which forgets them when it is time.

locals {
  # Whose lines are ours.
  services   = concat([google_cloudfunctions2_function.receive.name], [for f in google_cloudfunctions2_function.scheduled : f.name])
  our_lines  = "resource.type=\"cloud_run_revision\" AND resource.labels.location=\"${var.region}\" AND resource.labels.service_name=(${join(" OR ", [for s in local.services : "\"${s}\""])})"
  event_line = "resource.type=\"cloud_run_revision\" AND resource.labels.location=\"${var.region}\" AND resource.labels.service_name=\"${google_cloudfunctions2_function.receive.name}\" AND jsonPayload.message=\"event\""

  keeps_logs = var.log_retention_days > 30
}

resource "google_storage_bucket" "logs" {
  count = local.keeps_logs ? 1 : 0

  project  = var.project_id
  name     = "${var.project_id}-${var.name}-logs"
  location = var.region
  labels   = var.tags

  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  lifecycle_rule {
    condition {
      age = var.log_retention_days
    }
    action {
      type = "Delete"
    }
  }

  dynamic "encryption" {
    for_each = var.kms_key_name[*]
    content {
      default_kms_key_name = encryption.value
    }
  }

  depends_on = [google_project_service.this]
}

resource "google_logging_project_sink" "logs" {
  count = local.keeps_logs ? 1 : 0

  project                = var.project_id
  name                   = var.name
  description            = "Logs of ${var.name}, for ${var.log_retention_days} days."
  destination            = "storage.googleapis.com/${google_storage_bucket.logs[0].name}"
  filter                 = local.our_lines
  unique_writer_identity = true
}

resource "google_storage_bucket_iam_member" "logs" {
  count = local.keeps_logs ? 1 : 0

  bucket = google_storage_bucket.logs[0].name
  role   = "roles/storage.objectCreator"
  member = google_logging_project_sink.logs[0].writer_identity
}
