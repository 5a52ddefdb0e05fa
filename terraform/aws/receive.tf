# The function that DT's requests reach. Nothing here depends on var.connectors.

locals {
  receive = "${var.name}-receive"

  # Settings that say where events go.
  sink_settings = { for k, v in {
    DT_SINK           = join(",", local.sinks)
    DT_DEAD_LETTER    = local.dead_letter_url
    DT_FORWARD_SECRET = local.forward_secret
  } : k => v if k != "DT_FORWARD_SECRET" || local.forwards }

  receive_role_is_made = !contains(keys(var.roles), "receive")
  receive_role_arn     = local.receive_role_is_made ? aws_iam_role.receive[0].arn : var.roles["receive"]

  # Environments that are always ready belong to a published version.
  receive_qualifier = var.provisioned_concurrency > 0 ? aws_lambda_alias.receive[0].name : null
}

resource "aws_iam_role" "receive" {
  count = local.receive_role_is_made ? 1 : 0

  # Roles are the account's, not a region's.
  name                 = "${local.receive}-${local.region}"
  description          = "What the function ${local.receive} may do"
  assume_role_policy   = local.lambda_may_assume
  permissions_boundary = var.permissions_boundary
  tags                 = local.tags
}

resource "aws_iam_role_policy" "receive" {
  count = local.receive_role_is_made ? 1 : 0

  name = "receive"
  role = aws_iam_role.receive[0].name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        { Sid = "Log", Effect = "Allow", Action = ["logs:CreateLogStream", "logs:PutLogEvents"], Resource = ["${aws_cloudwatch_log_group.receive.arn}:*"] },
        { Sid = "ReadSecrets", Effect = "Allow", Action = ["secretsmanager:GetSecretValue"], Resource = concat([aws_secretsmanager_secret.signature.arn], local.forward_secret_arns) },
      ],
      local.publish_statements,
      [for keys in [local.publish_keys] : { Sid = "Key", Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = keys } if length(keys) > 0],
    )
  })
}

resource "aws_cloudwatch_log_group" "receive" {
  name              = "/aws/lambda/${local.receive}"
  retention_in_days = local.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = local.tags
}

resource "aws_lambda_function" "receive" {
  function_name                  = local.receive
  description                    = "Receives the webhooks of DT Data Connectors"
  role                           = local.receive_role_arn
  filename                       = local.archive
  source_code_hash               = local.archive_hash
  runtime                        = "provided.al2023"
  architectures                  = ["arm64"]
  handler                        = "receive"
  timeout                        = 10
  memory_size                    = var.memory_size
  reserved_concurrent_executions = coalesce(var.reserved_concurrency, -1)
  publish                        = var.provisioned_concurrency > 0
  kms_key_arn                    = var.kms_key_arn
  tags                           = local.tags

  environment {
    variables = merge(local.receive_settings, local.sink_settings, { DT_SIGNATURE_SECRET = local.signature_secret })
  }

  # Lines as the program writes them: CloudWatch makes metrics of some.
  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.receive.name
  }

  # It reads its secrets when it starts.
  depends_on = [
    aws_iam_role_policy.receive,
    aws_secretsmanager_secret_version.signature,
    aws_secretsmanager_secret_version.forward,
  ]
}

resource "aws_lambda_alias" "receive" {
  count = var.provisioned_concurrency > 0 ? 1 : 0

  name             = "live"
  description      = "The version that DT's requests reach"
  function_name    = aws_lambda_function.receive.function_name
  function_version = aws_lambda_function.receive.version
}

resource "aws_lambda_provisioned_concurrency_config" "receive" {
  count = var.provisioned_concurrency > 0 ? 1 : 0

  function_name                     = aws_lambda_function.receive.function_name
  qualifier                         = aws_lambda_alias.receive[0].name
  provisioned_concurrent_executions = var.provisioned_concurrency
}
