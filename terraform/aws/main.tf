# What everything else is made with. The connectors are named after the endpoint is known,
# so nothing that the endpoint is made of may depend on var.connectors: receive has
# resources of its own, beside those of the functions that work on connectors (jobs).

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  account = data.aws_caller_identity.current.account_id
  region  = data.aws_region.current.region

  tags = merge({ dt-functions = var.name }, var.tags)

  archive      = var.archive == null ? "${path.module}/../../dist/aws.zip" : var.archive
  archive_hash = filebase64sha256(local.archive)

  # CloudWatch has 731 days where others have 730.
  log_retention_days = var.log_retention_days == 730 ? 731 : var.log_retention_days

  lambda_may_assume = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}
