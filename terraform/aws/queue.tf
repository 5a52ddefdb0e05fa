# The sink by default: a queue, and a queue for what its consumer has failed at.

resource "aws_sqs_queue" "events" {
  count = local.made == "sqs" ? 1 : 0

  name                       = "${var.name}-events${local.fifo}"
  fifo_queue                 = var.sink_fifo
  deduplication_scope        = var.sink_fifo ? "messageGroup" : null
  fifo_throughput_limit      = var.sink_fifo ? "perMessageGroupId" : null
  visibility_timeout_seconds = var.queue.visibility_timeout_seconds
  message_retention_seconds  = var.queue.retention_days * 86400
  receive_wait_time_seconds  = 20
  sqs_managed_sse_enabled    = var.kms_key_arn == null ? true : null
  kms_master_key_id          = var.kms_key_arn
  tags                       = local.tags

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.redrive[0].arn
    maxReceiveCount     = var.queue.max_receive_count
  })
}

# That of a FIFO queue is one itself.
resource "aws_sqs_queue" "redrive" {
  count = local.made == "sqs" ? 1 : 0

  name                      = "${var.name}-redrive${local.fifo}"
  fifo_queue                = var.sink_fifo
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = var.kms_key_arn == null ? true : null
  kms_master_key_id         = var.kms_key_arn
  tags                      = local.tags
}

resource "aws_sqs_queue_redrive_allow_policy" "redrive" {
  count = local.made == "sqs" ? 1 : 0

  queue_url = aws_sqs_queue.redrive[0].id
  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [aws_sqs_queue.events[0].arn]
  })
}
