# sync, configure and recover. The server runs them itself, at the times in DT_SCHEDULE, on
# the one dyno that holds the lock in the database. With separate_jobs it is a server of
# another app, which has no web dyno: nobody can reach it, and the public app then has no
# DT service account.

resource "heroku_app" "jobs" {
  count = local.separate ? 1 : 0

  name   = local.jobs_name
  region = var.region
  space  = var.space
  stack  = local.stack

  dynamic "organization" {
    for_each = var.team[*]

    content {
      name = organization.value
    }
  }
}

resource "heroku_addon_attachment" "jobs" {
  count = local.separate && !local.database_external ? 1 : 0

  app_id    = heroku_app.jobs[0].id
  addon_id  = local.database_id
  name      = "DATABASE"
  namespace = local.database_attached ? local.credential : null
}

resource "heroku_app_config_association" "jobs" {
  count = local.has_jobs ? 1 : 0

  app_id         = local.separate ? heroku_app.jobs[0].id : heroku_app.receive.id
  vars           = local.jobs_vars
  sensitive_vars = local.jobs_secrets

  # Heroku changes an app's settings one after the other, and starts it anew each time.
  depends_on = [heroku_app_config_association.receive, heroku_app_release.receive]
}

resource "heroku_slug" "jobs" {
  count = local.separate ? 1 : 0

  app_id                         = heroku_app.jobs[0].id
  file_path                      = local.archive
  checksum                       = local.archive_checksum
  stack                          = local.stack
  buildpack_provided_description = "dt-functions"
  process_types                  = { worker = "bin/server" }
}

resource "heroku_app_release" "jobs" {
  count = local.separate ? 1 : 0

  app_id  = heroku_app.jobs[0].id
  slug_id = heroku_slug.jobs[0].id

  depends_on = [heroku_app_config_association.jobs, heroku_addon_attachment.jobs]
}

resource "heroku_formation" "jobs" {
  count = local.separate ? 1 : 0

  app_id   = heroku_app.jobs[0].id
  type     = "worker"
  quantity = 1
  size     = local.dyno_size

  depends_on = [heroku_app_release.jobs]
}

locals {
  has_jobs  = length(local.scheduled) > 0
  separate  = var.separate_jobs && local.has_jobs
  jobs_name = var.app_name == null ? "${var.name}-jobs-${random_string.suffix.result}" : "${var.app_name}-jobs"
  jobs_app  = local.separate ? heroku_app.jobs[0].name : heroku_app.receive.name

  # Those that run, in one process: where they share a setting they agree.
  jobs_settings = merge(
    { DT_SCHEDULE = join("; ", [for f, expression in local.scheduled : "${f}=${expression}"]) },
    contains(keys(local.scheduled), "recover") ? { DT_CHECKPOINT = local.checkpoint } : {},
    [for f in keys(local.scheduled) : local.scheduled_settings[f]]...
  )

  # In the same app, those that receive does not have already; in another, all.
  jobs_vars = (local.separate ? merge(local.jobs_settings, local.receive_vars) :
    { for k, v in local.jobs_settings : k => v if !contains(keys(local.receive_vars), k) }
  )
  jobs_secrets = merge({ DT_SERVICE_ACCOUNT_SECRET = var.service_account_secret }, local.separate ? local.receive_secrets : {})
}
