# Where events go: one of four kinds, or one of the customer's own.

locals {
  sink_is_made = var.sink.existing == null
  made         = local.sink_is_made ? var.sink.kind : "none"
  fifo         = var.sink_fifo ? ".fifo" : ""

  sink_arn = local.sink_is_made ? one(concat(
    aws_sqs_queue.events[*].arn,
    aws_sns_topic.events[*].arn,
    aws_cloudwatch_event_bus.events[*].arn,
    aws_kinesis_stream.events[*].arn,
  )) : var.sink.existing

  # region, account, name
  sqs = local.sink_is_made ? [local.region, local.account, "${var.name}-events${local.fifo}"] : slice(split(":", "${var.sink.existing}:::"), 3, 6)

  sink_url = {
    sqs         = "aws-sqs://sqs.${local.sqs[0]}.${data.aws_partition.current.dns_suffix}/${local.sqs[1]}/${local.sqs[2]}"
    sns         = "aws-sns:///${local.sink_arn}"
    eventbridge = "aws-eventbridge:///${local.sink_arn}?source=${var.event_source}"
    kinesis     = "aws-kinesis:///${local.sink_arn}"
  }[var.sink.kind]

  sinks = concat([local.sink_url], var.sink.urls)

  publish_action = {
    sqs         = "sqs:SendMessage"
    sns         = "sns:Publish"
    eventbridge = "events:PutEvents"
    kinesis     = "kinesis:PutRecords"
  }[var.sink.kind]
}

# SNS

resource "aws_sns_topic" "events" {
  count = local.made == "sns" ? 1 : 0

  name              = "${var.name}-events${local.fifo}"
  fifo_topic        = var.sink_fifo
  kms_master_key_id = coalesce(var.kms_key_arn, "alias/aws/sns")
  tags              = local.tags
}

# A bus keeps nothing: without the archive, what comes before there is a rule would be gone.

resource "aws_cloudwatch_event_bus" "events" {
  count = local.made == "eventbridge" ? 1 : 0

  name               = "${var.name}-events"
  description        = "Events of DT sensors"
  kms_key_identifier = var.kms_key_arn
  tags               = local.tags
}

resource "aws_cloudwatch_event_archive" "events" {
  count = local.made == "eventbridge" ? 1 : 0

  name               = "${var.name}-events"
  description        = "All of the bus, to be replayed"
  event_source_arn   = aws_cloudwatch_event_bus.events[0].arn
  retention_days     = 14
  kms_key_identifier = var.kms_key_arn
}

# Kinesis

resource "aws_kinesis_stream" "events" {
  count = local.made == "kinesis" ? 1 : 0

  name             = "${var.name}-events"
  retention_period = 168
  encryption_type  = "KMS"
  kms_key_id       = coalesce(var.kms_key_arn, "alias/aws/kinesis")
  tags             = local.tags

  stream_mode_details {
    stream_mode = "ON_DEMAND"
  }
}
