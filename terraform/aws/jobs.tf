# The functions that work on connectors: sync, configure and recover, and rotate. Each has
# a role of its own, that may do what that function does.

locals {
  rotates = var.rotation.enabled && local.has_connectors

  # By name. rotate has the settings of sync: the API and the connectors, nothing else.
  jobs = merge(
    { for f, expression in local.scheduled : f => { timeout = 900, settings = local.scheduled_settings[f] } },
    { for f in ["rotate"] : f => { timeout = 600, settings = local.scheduled_settings.sync } if local.rotates },
  )

  job_names = { for f in keys(local.jobs) : f => "${var.name}-${f}" }

  # Secrets, and where things are, by function.
  job_settings = {
    sync      = {}
    configure = { DT_SIGNATURE_SECRET = local.signature_secret }
    recover   = merge(local.sink_settings, { DT_CHECKPOINT = local.checkpoint_url })
    rotate    = { DT_SIGNATURE_SECRET = local.signature_secret }
  }

  job_secrets = {
    sync      = aws_secretsmanager_secret.service_account[*].arn
    configure = concat(aws_secretsmanager_secret.service_account[*].arn, [aws_secretsmanager_secret.signature.arn])
    recover   = concat(aws_secretsmanager_secret.service_account[*].arn, local.forward_secret_arns)
    rotate    = aws_secretsmanager_secret.service_account[*].arn
  }

  # What else they may do.
  job_statements = {
    sync      = []
    configure = []
    recover = concat(
      local.publish_statements,
      [for b in aws_s3_bucket.checkpoint : { Sid = "Checkpoint", Effect = "Allow", Action = ["s3:GetObject", "s3:PutObject"], Resource = ["${b.arn}/recover/*"] }],
      # Without it S3 says "forbidden" of a checkpoint that is not there yet.
      [for b in aws_s3_bucket.checkpoint : { Sid = "CheckpointIsThere", Effect = "Allow", Action = ["s3:ListBucket"], Resource = [b.arn] }],
      [for keys in [local.publish_keys] : { Sid = "Key", Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = keys } if length(keys) > 0],
    )
    rotate = concat(
      [{
        Sid      = "Rotate", Effect = "Allow",
        Action   = ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage"],
        Resource = [aws_secretsmanager_secret.signature.arn],
      }],
      [for keys in [local.read_keys] : { Sid = "WriteKey", Effect = "Allow", Action = ["kms:GenerateDataKey"], Resource = keys } if length(keys) > 0],
    )
  }

  job_read_keys = {
    sync      = local.read_keys
    configure = local.read_keys
    recover   = []
    rotate    = local.read_keys
  }

  job_roles     = { for f in keys(local.jobs) : f => local.job_names[f] if !contains(keys(var.roles), f) }
  job_role_arns = { for f in keys(local.jobs) : f => contains(keys(var.roles), f) ? var.roles[f] : aws_iam_role.job[f].arn }
}

resource "aws_iam_role" "job" {
  for_each = local.job_roles

  name                 = "${each.value}-${local.region}"
  description          = "What the function ${each.value} may do"
  assume_role_policy   = local.lambda_may_assume
  permissions_boundary = var.permissions_boundary
  tags                 = local.tags
}

resource "aws_iam_role_policy" "job" {
  for_each = local.job_roles

  name = each.key
  role = aws_iam_role.job[each.key].name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        { Sid = "Log", Effect = "Allow", Action = ["logs:CreateLogStream", "logs:PutLogEvents"], Resource = ["${aws_cloudwatch_log_group.job[each.key].arn}:*"] },
        { Sid = "ReadSecrets", Effect = "Allow", Action = ["secretsmanager:GetSecretValue"], Resource = local.job_secrets[each.key] },
      ],
      local.job_statements[each.key],
      [for keys in [local.job_read_keys[each.key]] : { Sid = "Key", Effect = "Allow", Action = ["kms:Decrypt"], Resource = keys } if length(keys) > 0],
    )
  })
}

resource "aws_cloudwatch_log_group" "job" {
  for_each = local.job_names

  name              = "/aws/lambda/${each.value}"
  retention_in_days = local.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = local.tags
}

resource "aws_lambda_function" "job" {
  for_each = local.jobs

  function_name    = local.job_names[each.key]
  description      = "dt-functions: ${each.key}"
  role             = local.job_role_arns[each.key]
  filename         = local.archive
  source_code_hash = local.archive_hash
  runtime          = "provided.al2023"
  architectures    = ["arm64"]
  handler          = each.key
  timeout          = each.value.timeout
  memory_size      = var.memory_size
  kms_key_arn      = var.kms_key_arn
  tags             = local.tags

  environment {
    variables = merge(each.value.settings, { DT_SERVICE_ACCOUNT_SECRET = local.service_account_secret }, local.job_settings[each.key])
  }

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.job[each.key].name
  }

  depends_on = [
    aws_iam_role_policy.job,
    aws_secretsmanager_secret_version.signature,
    aws_secretsmanager_secret_version.service_account,
    aws_secretsmanager_secret_version.forward,
  ]
}

# A run that failed is tried once more; what it did not do, the next one does.
resource "aws_lambda_function_event_invoke_config" "job" {
  for_each = local.scheduled

  function_name                = aws_lambda_function.job[each.key].function_name
  maximum_retry_attempts       = 1
  maximum_event_age_in_seconds = 3600
}
