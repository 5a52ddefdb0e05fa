# The database: events, dead letters, checkpoints, and the lock that makes one dyno the one
# that runs the schedules. The program makes its tables itself.

resource "heroku_addon" "postgres" {
  count = local.database_made ? 1 : 0

  app_id = heroku_app.receive.id
  plan   = "heroku-postgresql:${var.postgres.plan}"
}

# One of your own: an add-on of another app. Its id is asked for, since an attachment by
# name would differ from what Heroku tells of it, and be made anew each time.
data "heroku_addon" "existing" {
  count = local.database_attached ? 1 : 0

  name = var.sink.existing
}

resource "heroku_addon_attachment" "postgres" {
  count = local.database_attached ? 1 : 0

  app_id    = heroku_app.receive.id
  addon_id  = data.heroku_addon.existing[0].id
  name      = "DATABASE" # the config var is then DATABASE_URL
  namespace = local.credential
}

locals {
  existing_is_url   = can(regex("^[a-z]+://", var.sink.existing))
  database_external = var.sink.kind == "postgres" && local.existing_is_url
  database_attached = var.sink.kind == "postgres" && var.sink.existing != null && !local.existing_is_url
  database_made     = !local.database_external && !local.database_attached

  database_id = one(concat(heroku_addon.postgres[*].id, data.heroku_addon.existing[*].id))
  database    = one(concat(heroku_addon.postgres[*].name, data.heroku_addon.existing[*].name))
  credential  = var.postgres.credential == null ? null : "credential:${var.postgres.credential}"

  # With user and password, where the sink is neither made nor attached.
  existing_url = (var.sink_credentials == null || !local.existing_is_url ? var.sink.existing :
    replace(var.sink.existing, "://", "://${urlencode(var.sink_credentials.username)}:${urlencode(var.sink_credentials.password)}@")
  )
}
