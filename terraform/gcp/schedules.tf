# When the scheduled functions run, and who may call them.

locals {
  scheduler_account = lookup(var.service_accounts, "scheduler", one(google_service_account.scheduler[*].email))

  # Days of the week as numbers: Cloud Scheduler's documents promise 0 to 6, and ranges
  # such as SAT-MON would go over the end of the week.
  weekdays = { SUN = 0, MON = 1, TUE = 2, WED = 3, THU = 4, FRI = 5, SAT = 6 }

  schedule_days = { for f, s in local.scheduled : f => split(" ", s)[4] == "*" ? "*" : join(",", distinct(flatten([
    for part in split(",", split(" ", s)[4]) : [
      for i in range(7) : (local.weekdays[split("-", part)[0]] + i) % 7
      if i <= (local.weekdays[reverse(split("-", part))[0]] - local.weekdays[split("-", part)[0]] + 7) % 7
    ]
  ]))) }

  # Five fields are what Cloud Scheduler takes, too.
  schedules = { for f, s in local.scheduled : f => join(" ", concat(slice(split(" ", s), 0, 4), [local.schedule_days[f]])) }
}

resource "google_service_account" "scheduler" {
  count = length(local.scheduled) > 0 && !contains(keys(var.service_accounts), "scheduler") ? 1 : 0

  project      = var.project_id
  account_id   = "${var.name}-scheduler"
  display_name = "${var.name}: calls the scheduled functions"

  depends_on = [google_project_service.this]
}

resource "google_cloud_run_v2_service_iam_member" "scheduled" {
  for_each = local.scheduled

  project  = google_cloudfunctions2_function.scheduled[each.key].project
  location = google_cloudfunctions2_function.scheduled[each.key].location
  name     = google_cloudfunctions2_function.scheduled[each.key].name
  role     = "roles/run.invoker"
  member   = "serviceAccount:${local.scheduler_account}"
}

resource "google_cloud_scheduler_job" "this" {
  for_each = local.schedules

  project     = var.project_id
  region      = var.region
  name        = "${var.name}-${each.key}"
  description = local.scheduled_descriptions[each.key]
  schedule    = each.value
  time_zone   = "Etc/UTC"
  # As long as the function may take: an answer that comes later counts as a failure.
  attempt_deadline = "${local.scheduled_timeouts[each.key]}s"

  http_target {
    http_method = "POST"
    uri         = google_cloudfunctions2_function.scheduled[each.key].service_config[0].uri

    oidc_token {
      service_account_email = local.scheduler_account
      audience              = google_cloudfunctions2_function.scheduled[each.key].service_config[0].uri
    }
  }

  # What goes on failing is for the next run, which comes soon enough.
  retry_config {
    retry_count          = 2
    min_backoff_duration = "30s"
    max_backoff_duration = "120s"
    max_doublings        = 2
  }

  depends_on = [google_cloud_run_v2_service_iam_member.scheduled]
}
