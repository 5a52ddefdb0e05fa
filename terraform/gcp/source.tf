# The source archive: one for all functions.

locals {
  archive = coalesce(var.archive, "${path.module}/../../dist/gcp.zip")
  # Where there is no archive the precondition below says so; filesha256 would fail before.
  archive_hash = fileexists(local.archive) ? filesha256(local.archive) : "missing"
}

resource "google_storage_bucket" "source" {
  project  = var.project_id
  name     = "${var.project_id}-${var.name}-source"
  location = var.region
  labels   = var.tags

  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  # There is nothing in it but the archive, which is in your repository.
  force_destroy = true

  dynamic "encryption" {
    for_each = var.kms_key_name[*]
    content {
      default_kms_key_name = encryption.value
    }
  }

  lifecycle {
    precondition {
      condition     = !can(regex("g[o0]{2}g[l1]e", var.name))
      error_message = "name must not have google in it: Cloud Storage refuses such buckets."
    }
  }

  depends_on = [google_project_service.this]
}

# Under a name of its own for each content: under the same name a changed archive would
# not be deployed, and one that is not changed would be deployed for its new date.
resource "google_storage_bucket_object" "source" {
  bucket       = google_storage_bucket.source.name
  name         = "${var.name}-${substr(local.archive_hash, 0, 16)}.zip"
  source       = local.archive
  content_type = "application/zip"

  lifecycle {
    precondition {
      condition     = fileexists(local.archive)
      error_message = "There is no ${local.archive}: run `make build` first, or say in archive where it is."
    }
  }
}
