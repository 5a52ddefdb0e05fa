# The settings of receive. Each association owns the variables that it names, and no others.

resource "heroku_app_config_association" "receive" {
  app_id         = heroku_app.receive.id
  vars           = local.receive_vars
  sensitive_vars = local.receive_secrets

  lifecycle {
    # The provider would write only what has changed to an app that is new.
    replace_triggered_by = [heroku_app.receive.id]

    # One process reads all settings, and does not start with a wrong one.
    precondition {
      condition     = alltrue([for k in ["DT_ALLOW_SHA1", "DT_RECOVER_USER_DISABLED"] : contains(["true", "false"], lookup(var.settings, k, "false"))])
      error_message = "settings must have true or false for DT_ALLOW_SHA1 and DT_RECOVER_USER_DISABLED."
    }
    precondition {
      condition     = can(regex("^([0-9]{1,5}(h|m|s))+$", lookup(var.settings, "DT_RECOVER_OVERLAP", "1h")))
      error_message = "settings must have a duration for DT_RECOVER_OVERLAP, such as 90m or 2h."
    }
    precondition {
      condition     = alltrue([for k in ["DT_OIDC_ISSUER", "DT_API_URL", "DT_TOKEN_URL"] : can(regex("^https://[^\\s@?#/]+(/[^\\s?#]*)?$", lookup(var.settings, k, "https://example.com")))])
      error_message = "settings must have https:// URLs for DT_OIDC_ISSUER, DT_API_URL and DT_TOKEN_URL, without user, query and fragment."
    }
  }
}

locals {
  receive_vars = merge(local.receive_settings, { DT_DEAD_LETTER = local.dead_letter },
    var.metrics_port == null ? {} : { METRICS_PORT = tostring(var.metrics_port) },
    local.sinks_with_login ? {} : { DT_SINK = join(",", local.sinks) },
  )
}
