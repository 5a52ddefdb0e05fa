# Secrets are in Secrets Manager alone. What is written there is write-only: neither the
# state nor a plan has it, but for what is made here at random. The functions' settings have
# references.

resource "random_password" "signature" {
  # Made also where a secret is given: whether one is may not be asked here, since the
  # variable is ephemeral. It is then used for nothing.
  length  = 48
  special = false
}

# Names are unique, since a secret that was deleted keeps its name for some days.
resource "aws_secretsmanager_secret" "signature" {
  name_prefix             = "${var.name}-signature-"
  description             = "Secret that the Data Connectors of ${var.name} sign with"
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = 7
  tags                    = local.tags
}

resource "aws_secretsmanager_secret_version" "signature" {
  secret_id                = aws_secretsmanager_secret.signature.id
  secret_string_wo         = coalesce(var.signature_secret, random_password.signature.result)
  secret_string_wo_version = var.secrets_version

  # A version without a label may be deleted by Secrets Manager. After two rotations this
  # one would have none; once it was gone, Terraform would make it anew, and with it what
  # was rotated away would be the current secret again.
  version_stages = ["AWSCURRENT", "terraform"]

  lifecycle {
    # Rotation moves AWSCURRENT on.
    ignore_changes = [version_stages]
  }
}

resource "aws_secretsmanager_secret" "service_account" {
  count = local.has_connectors ? 1 : 0

  name_prefix             = "${var.name}-service-account-"
  description             = "Secret of the DT service account's key that ${var.name} uses"
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = 7
  tags                    = local.tags
}

resource "aws_secretsmanager_secret_version" "service_account" {
  count = local.has_connectors ? 1 : 0

  secret_id                = aws_secretsmanager_secret.service_account[0].id
  secret_string_wo         = var.service_account_secret
  secret_string_wo_version = var.secrets_version
}

# Whoever verifies what is forwarded must not be able to forge DT's events: another secret.
resource "random_password" "forward" {
  count = local.forwards ? 1 : 0

  length  = 48
  special = false
}

resource "aws_secretsmanager_secret" "forward" {
  count = local.forwards ? 1 : 0

  name_prefix             = "${var.name}-forward-"
  description             = "Secret that ${var.name} signs what it forwards with"
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = 7
  tags                    = local.tags
}

resource "aws_secretsmanager_secret_version" "forward" {
  count = local.forwards ? 1 : 0

  secret_id                = aws_secretsmanager_secret.forward[0].id
  secret_string_wo         = random_password.forward[0].result
  secret_string_wo_version = var.secrets_version
}

locals {
  has_connectors = length(var.connectors) > 0
  forwards       = length(var.sink.urls) > 0

  # References that the functions read the secrets by.
  signature_secret       = "aws-secretsmanager://${aws_secretsmanager_secret.signature.arn}"
  service_account_secret = local.has_connectors ? "aws-secretsmanager://${aws_secretsmanager_secret.service_account[0].arn}" : null
  forward_secret         = local.forwards ? "aws-secretsmanager://${aws_secretsmanager_secret.forward[0].arn}" : null
}
