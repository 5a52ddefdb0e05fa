# With separate_jobs: an app for what runs on a schedule. It has no web process, so nobody can
# reach it, and the public app then has no DT service account.

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

# It stores as receive does, so it has the settings of receive too.
resource "heroku_app_config_association" "separate" {
  count = local.separate ? 1 : 0

  app_id         = heroku_app.jobs[0].id
  vars           = merge(local.jobs_settings, local.receive_vars)
  sensitive_vars = merge(local.jobs_secrets, local.receive_secrets)

  lifecycle {
    replace_triggered_by = [heroku_app.jobs[0].id]
  }
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

  depends_on = [heroku_app_config_association.separate, heroku_addon_attachment.jobs]
}

resource "heroku_formation" "jobs" {
  count = local.separate ? 1 : 0

  app_id   = heroku_app.jobs[0].id
  type     = "worker"
  quantity = 1
  size     = local.dyno_size

  depends_on = [heroku_app_release.jobs]

  lifecycle {
    replace_triggered_by = [heroku_app.jobs[0].id]
  }
}

locals {
  separate  = var.separate_jobs && local.has_jobs
  jobs_name = var.app_name == null ? "${var.name}-jobs-${random_string.suffix.result}" : "${var.app_name}-jobs"
}
