# Where receive and recover put authentic events that cannot be decoded, or that the sink
# can never take.

resource "aws_sqs_queue" "dead_letter" {
  name                      = "${var.name}-dead-letter"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = var.kms_key_arn == null ? true : null
  kms_master_key_id         = var.kms_key_arn
  tags                      = local.tags
}

locals {
  dead_letter_url = "aws-sqs://sqs.${local.region}.${data.aws_partition.current.dns_suffix}/${local.account}/${aws_sqs_queue.dead_letter.name}"
}
