# Who builds the functions, and where the images are. Without these Google takes the
# project's default service account, which as a rule may edit the whole project.

locals {
  build_account    = lookup(var.service_accounts, "build", one(google_service_account.build[*].email))
  build_account_id = "projects/${var.project_id}/serviceAccounts/${local.build_account}"
}

resource "google_service_account" "build" {
  count = contains(keys(var.service_accounts), "build") ? 0 : 1

  project      = var.project_id
  account_id   = "${var.name}-build"
  display_name = "${var.name}: builds the functions"

  depends_on = [google_project_service.this]
}

resource "google_artifact_registry_repository" "this" {
  project       = var.project_id
  location      = var.region
  repository_id = var.name
  description   = "Images of the functions of ${var.name}."
  format        = "DOCKER"
  kms_key_name  = var.kms_key_name
  labels        = var.tags

  # Each deployment leaves an image. Cloud Run keeps the ones that it runs for itself.
  cleanup_policies {
    id     = "delete-old"
    action = "DELETE"
    condition {
      older_than = "2592000s" # 30 days
    }
  }
  cleanup_policies {
    id     = "keep-recent"
    action = "KEEP"
    most_recent_versions {
      keep_count = 5
    }
  }

  depends_on = [google_project_service.this]
}

resource "google_artifact_registry_repository_iam_member" "build" {
  project    = var.project_id
  location   = var.region
  repository = google_artifact_registry_repository.this.repository_id
  role       = "roles/artifactregistry.writer"
  member     = "serviceAccount:${local.build_account}"
}

resource "google_storage_bucket_iam_member" "build" {
  bucket = google_storage_bucket.source.name
  role   = "roles/storage.objectViewer"
  member = "serviceAccount:${local.build_account}"
}

# Cloud Functions copies the archive to a bucket of its own, which it makes at the first
# deployment; so the role can only be given on the project, for that bucket's name. (With a
# key of the customer's there is more behind the region.)
resource "google_project_iam_member" "build_source" {
  project = var.project_id
  role    = "roles/storage.objectViewer"
  member  = "serviceAccount:${local.build_account}"

  condition {
    title       = "sources-of-functions"
    description = "The bucket that Cloud Functions keeps sources in."
    expression  = "resource.name.startsWith(\"projects/_/buckets/gcf-v2-sources-${local.project_number}-${var.region}\")"
  }
}

# There is nothing smaller than a project that build logs could be written to.
resource "google_project_iam_member" "build_logs" {
  project = var.project_id
  role    = "roles/logging.logWriter"
  member  = "serviceAccount:${local.build_account}"
}
