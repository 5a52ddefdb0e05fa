# Secrets are written by write-only arguments, and read by the functions when an instance
# starts, in an exact version: a new version is a new revision.

locals {
  forwarding = length(var.sink.urls) > 0

  # Versions that are replaced stay: an earlier revision may need them, and so may
  # signature_secret_previous_version. Destroying the secret destroys them all.
  replaced_versions = "ABANDON"
}

# Always made, though it is only used where signature_secret is null: whether an ephemeral
# variable has a value must not decide what there is.
resource "random_password" "signature" {
  length  = 48
  special = false
}

resource "google_secret_manager_secret" "signature" {
  project   = var.project_id
  secret_id = "${var.name}-signature"
  labels    = var.tags

  replication {
    user_managed {
      replicas {
        location = var.region

        dynamic "customer_managed_encryption" {
          for_each = var.kms_key_name[*]
          content {
            kms_key_name = customer_managed_encryption.value
          }
        }
      }
    }
  }

  depends_on = [google_project_service.this]
}

resource "google_secret_manager_secret_version" "signature" {
  secret                 = google_secret_manager_secret.signature.id
  secret_data_wo         = coalesce(var.signature_secret, random_password.signature.result)
  secret_data_wo_version = var.secrets_version
  deletion_policy        = local.replaced_versions

  lifecycle {
    create_before_destroy = true
  }
}

# What https:// sinks verify events with. Not the connectors' secret: whoever verifies
# with that could forge DT's events.
resource "random_password" "forward" {
  count = local.forwarding ? 1 : 0

  length  = 48
  special = false
}

resource "google_secret_manager_secret" "forward" {
  count = local.forwarding ? 1 : 0

  project   = var.project_id
  secret_id = "${var.name}-forward"
  labels    = var.tags

  replication {
    user_managed {
      replicas {
        location = var.region

        dynamic "customer_managed_encryption" {
          for_each = var.kms_key_name[*]
          content {
            kms_key_name = customer_managed_encryption.value
          }
        }
      }
    }
  }

  depends_on = [google_project_service.this]
}

resource "google_secret_manager_secret_version" "forward" {
  count = local.forwarding ? 1 : 0

  secret                 = google_secret_manager_secret.forward[0].id
  secret_data_wo         = random_password.forward[0].result
  secret_data_wo_version = var.secrets_version
  deletion_policy        = local.replaced_versions

  lifecycle {
    create_before_destroy = true
  }
}

# The key of the DT service account, for the scheduled functions.
resource "google_secret_manager_secret" "service_account" {
  count = length(local.scheduled) > 0 ? 1 : 0

  project   = var.project_id
  secret_id = "${var.name}-service-account"
  labels    = var.tags

  replication {
    user_managed {
      replicas {
        location = var.region

        dynamic "customer_managed_encryption" {
          for_each = var.kms_key_name[*]
          content {
            kms_key_name = customer_managed_encryption.value
          }
        }
      }
    }
  }

  depends_on = [google_project_service.this]
}

resource "google_secret_manager_secret_version" "service_account" {
  count = length(local.scheduled) > 0 ? 1 : 0

  secret                 = google_secret_manager_secret.service_account[0].id
  secret_data_wo         = var.service_account_secret
  secret_data_wo_version = var.secrets_version
  deletion_policy        = local.replaced_versions

  lifecycle {
    create_before_destroy = true
  }
}
