# What the app runs: a slug, released, and the dynos. A changed slug is a new one, which is
# released; nothing else follows from it.

resource "heroku_slug" "receive" {
  app_id                         = heroku_app.receive.id
  file_path                      = local.archive
  checksum                       = local.archive_checksum
  stack                          = local.stack
  buildpack_provided_description = "dt-functions"
  process_types                  = { web = "bin/server" }
}

resource "heroku_app_release" "receive" {
  app_id  = heroku_app.receive.id
  slug_id = heroku_slug.receive.id

  # The program does not start without its settings and its database.
  depends_on = [
    heroku_app_config_association.receive,
    heroku_addon.postgres,
    heroku_addon_attachment.postgres,
  ]
}

resource "heroku_formation" "receive" {
  app_id   = heroku_app.receive.id
  type     = "web"
  quantity = var.dynos.quantity
  size     = local.dyno_size

  depends_on = [heroku_app_release.receive]

  lifecycle {
    replace_triggered_by = [heroku_app.receive.id]
  }
}

# New dynos answer before the old ones are stopped. Private Spaces have no such feature: two
# dynos or more are changed there one after the other.
resource "heroku_app_feature" "preboot" {
  count = local.preboot ? 1 : 0

  app_id  = heroku_app.receive.id
  name    = "preboot"
  enabled = true

  depends_on = [heroku_formation.receive]
}

locals {
  # As Heroku's API writes it: Basic, Standard-1X.
  dyno_size = join("-", [for i, part in split("-", var.dynos.size) : i == 0 ? title(part) : upper(part)])
  preboot   = can(regex("^(standard|performance)-", var.dynos.size))
}
