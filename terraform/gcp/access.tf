# A permission works everywhere only some while after it was given. Without waiting, the
# first build would end with one that is missing, the first instance would not start, and
# Pub/Sub would refuse to fill the table.

locals {
  access_delay = "90s"
}

resource "time_sleep" "receive" {
  create_duration = local.access_delay

  # What new permissions come with.
  triggers = {
    accounts = "${local.build_account} ${local.receive_account}"
    secrets  = join(" ", distinct([for s in local.receive_secrets : s.secret]))
    topics   = join(" ", local.topics)
  }

  depends_on = [
    google_artifact_registry_repository_iam_member.build,
    google_project_iam_member.build_logs,
    google_project_iam_member.build_source,
    google_pubsub_topic_iam_member.receive,
    google_pubsub_topic_iam_member.receive_dead_letter,
    google_secret_manager_secret_iam_member.receive_forward,
    google_secret_manager_secret_iam_member.receive_signature,
    google_storage_bucket_iam_member.build,
  ]
}

resource "time_sleep" "scheduled" {
  for_each = local.scheduled

  create_duration = local.access_delay

  triggers = {
    accounts = "${local.build_account} ${local.scheduled_accounts[each.key]}"
    secrets  = join(" ", distinct([for s in local.scheduled_secrets[each.key] : s.secret]))
    topics   = each.key == "recover" ? join(" ", local.topics) : ""
  }

  depends_on = [
    google_artifact_registry_repository_iam_member.build,
    google_project_iam_member.build_logs,
    google_project_iam_member.build_source,
    google_pubsub_topic_iam_member.recover,
    google_pubsub_topic_iam_member.recover_dead_letter,
    google_secret_manager_secret_iam_member.configure_signature,
    google_secret_manager_secret_iam_member.recover_forward,
    google_secret_manager_secret_iam_member.scheduled_service_account,
    google_storage_bucket_iam_member.build,
    google_storage_bucket_iam_member.recover,
  ]
}

resource "time_sleep" "bigquery" {
  count = var.bigquery.enabled ? 1 : 0

  create_duration = local.access_delay

  triggers = {
    table = google_bigquery_table_iam_member.pubsub[0].table_id
  }
}
