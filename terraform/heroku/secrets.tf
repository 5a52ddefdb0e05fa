# Heroku has no secret store: secrets are config vars, and the provider keeps those that it
# sets in the state. They are in sensitive_vars alone, which no plan prints.

# Two that take turns: with each new secrets_version one is made anew, and the other stays,
# which events may still be signed with.
resource "random_password" "signature" {
  for_each = {
    odd  = floor((var.secrets_version + 1) / 2)
    even = floor(var.secrets_version / 2)
  }

  length  = 48
  special = false
  keepers = { turn = each.value }
}

# Whoever verifies what is forwarded must not be able to forge DT's events: another secret.
resource "random_password" "forward" {
  count = local.forwards ? 1 : 0

  length  = 48
  special = false
  keepers = { version = var.secrets_version }
}

locals {
  forwards = length(var.sink.urls) > 0

  turn      = var.secrets_version % 2 == 1 ? "odd" : "even"
  last_turn = var.secrets_version % 2 == 1 ? "even" : "odd"

  # Of the random ones, the first has none before it.
  signature_secret          = var.signature_secret != null ? var.signature_secret : random_password.signature[local.turn].result
  signature_secret_previous = var.signature_secret_previous != null ? var.signature_secret_previous : random_password.signature[local.last_turn].result
  has_previous              = var.signature_secret_previous != null || (var.signature_secret == null && var.secrets_version > 1)

  receive_secrets = merge(
    { DT_SIGNATURE_SECRET = local.signature_secret },
    local.has_previous ? { DT_SIGNATURE_SECRET_PREVIOUS = local.signature_secret_previous } : {},
    local.forwards ? { DT_FORWARD_SECRET = random_password.forward[0].result } : {},
    local.sinks_with_login ? { DT_SINK = join(",", concat([local.existing_url], var.sink.urls)) } : {},
    local.database_external ? { DATABASE_URL = local.existing_url } : {},
  )

  # References, for who must know where a secret is.
  signature_secret_reference       = "heroku-config://${heroku_app.receive.name}/DT_SIGNATURE_SECRET"
  forward_secret_reference         = local.forwards ? "heroku-config://${heroku_app.receive.name}/DT_FORWARD_SECRET" : null
  service_account_secret_reference = local.has_jobs ? "heroku-config://${local.jobs_app}/DT_SERVICE_ACCOUNT_SECRET" : null
}
