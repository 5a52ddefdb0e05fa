# sync, configure and recover. The server runs them itself, at the times in DT_SCHEDULE, on
# the one dyno that holds the lock in the database. With separate_jobs it is a server of
# another app: separate.tf.

# In the app that receives.
resource "heroku_app_config_association" "jobs" {
  count = local.has_jobs && !local.separate ? 1 : 0

  app_id         = heroku_app.receive.id
  vars           = { for k, v in local.jobs_settings : k => v if !contains(keys(local.receive_vars), k) }
  sensitive_vars = local.jobs_secrets

  # Heroku changes an app's settings one after the other, and starts it anew each time.
  depends_on = [heroku_app_config_association.receive, heroku_app_release.receive]

  lifecycle {
    replace_triggered_by = [heroku_app.receive.id]
  }
}

locals {
  has_jobs = length(local.scheduled) > 0
  jobs_app = local.separate ? heroku_app.jobs[0].name : heroku_app.receive.name

  # Those that run, in one process: where they share a setting they agree.
  jobs_settings = merge(
    { DT_SCHEDULE = local.schedule },
    contains(keys(local.scheduled), "recover") ? { DT_CHECKPOINT = local.checkpoint } : {},
    [for f in keys(local.scheduled) : local.scheduled_settings[f]]...
  )
  jobs_secrets = { DT_SERVICE_ACCOUNT_SECRET = var.service_account_secret }
}
