# The settings of receive. Each association owns the variables that it names, and no others.

resource "heroku_app_config_association" "receive" {
  app_id         = heroku_app.receive.id
  vars           = local.receive_vars
  sensitive_vars = local.receive_secrets
}

locals {
  receive_vars = merge(local.receive_settings, { DT_DEAD_LETTER = local.dead_letter },
    local.sinks_with_login ? {} : { DT_SINK = join(",", local.sinks) },
  )
}
