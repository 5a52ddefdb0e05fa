# Nobody reaches the queues without TLS; who may at all, IAM says.

locals {
  tls_queues = merge(
    { dead_letter = aws_sqs_queue.dead_letter },
    { for q in aws_sqs_queue.events : "events" => q },
    { for q in aws_sqs_queue.redrive : "redrive" => q },
  )
}

resource "aws_sqs_queue_policy" "tls" {
  for_each = local.tls_queues

  queue_url = each.value.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OnlyTLS"
      Effect    = "Deny"
      Principal = "*"
      Action    = "sqs:*"
      Resource  = each.value.arn
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}
