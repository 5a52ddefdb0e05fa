# What somebody should know, and who is told.

resource "aws_sns_topic" "alarms" {
  count = local.tells_emails ? 1 : 0

  name = "${var.name}-alarms"
  tags = local.tags
}

# Each address gets a mail with a link, and nothing before the link is followed.
resource "aws_sns_topic_subscription" "alarms" {
  for_each = toset(local.tells_emails ? var.alarms.emails : [])

  topic_arn = aws_sns_topic.alarms[0].arn
  protocol  = "email"
  endpoint  = each.value
}

# Events in one metric, whatever became of them. The program counts each outcome in a
# metric of its own, and an outcome that has not come yet has none to add up.
resource "aws_cloudwatch_log_metric_filter" "events" {
  count = var.alarms.enabled ? 1 : 0

  name           = "${local.receive}-events"
  log_group_name = aws_cloudwatch_log_group.receive.name
  pattern        = "{ ($.message = \"event\") && (($.outcome = \"accepted\") || ($.outcome = \"filtered\") || ($.outcome = \"duplicate\")) }"

  metric_transformation {
    namespace = local.filter_namespace
    name      = "events"
    value     = "1"
    unit      = "Count"
  }
}

# recover writes a line a connector, with the status that it found.
resource "aws_cloudwatch_log_metric_filter" "connector" {
  count = var.alarms.enabled && local.recovers ? 1 : 0

  name           = "${var.name}-connector-disabled"
  log_group_name = aws_cloudwatch_log_group.job["recover"].name
  pattern        = "{ ($.function = \"recover\") && ($.report.status = \"*DISABLED\") }"

  metric_transformation {
    namespace = local.filter_namespace
    name      = "connector-disabled"
    value     = "1"
    unit      = "Count"
  }
}

locals {
  tells_emails = var.alarms.enabled && length(var.alarms.emails) > 0
  told         = concat(aws_sns_topic.alarms[*].arn, var.alarms.notify)

  # The program's own metrics, and those that are made of its log.
  program_namespace  = "dt-functions"
  program_dimensions = { function = local.receive }
  filter_namespace   = "dt-functions/${var.name}"

  alarm_defaults = {
    dimensions = {}, statistic = "Sum", percentile = null, comparison = "GreaterThanOrEqualToThreshold",
    threshold  = 1, period = 300, periods = 1, datapoints = 1, missing = "notBreaching"
  }

  # Those of receive.
  event_alarms = {
    no-events = {
      about      = "No event has come for ${var.alarms.no_events_minutes} minutes: see the connector, and the log of ${local.receive}."
      namespace  = local.filter_namespace, metric = "events",
      comparison = "LessThanThreshold", period = var.alarms.no_events_minutes * 60, missing = "breaching"
    }
    rejected = {
      about     = "Requests are refused: a wrong signature secret, or somebody is guessing. The log of ${local.receive} says which.",
      namespace = local.program_namespace, metric = "unauthorized", dimensions = local.program_dimensions, threshold = var.alarms.rejected
    }
    retry = {
      about     = "Events could not be stored, and DT is to send them again: see the sink, and the log of ${local.receive}."
      namespace = local.program_namespace, metric = "retry", dimensions = local.program_dimensions
    }
    error = {
      about     = "Requests could not be handled: see the log of ${local.receive}."
      namespace = local.program_namespace, metric = "error", dimensions = local.program_dimensions
    }
    dead-lettered = {
      about     = "Events could not be decoded, or are too large, and went to the dead letters."
      namespace = local.program_namespace, metric = "dead-lettered", dimensions = local.program_dimensions
    }
    slow = {
      about      = "Answers take more than ${var.alarms.slow_seconds} s; DT gives up after 10 s."
      namespace  = local.program_namespace, metric = "latency", dimensions = local.program_dimensions,
      statistic  = null, percentile = "p99", threshold = var.alarms.slow_seconds * 1000, periods = 3, datapoints = 2,
      comparison = "GreaterThanThreshold"
    }
    dead-letters = {
      about      = "There are events in the dead letters: look at them, they are kept for 14 days."
      namespace  = "AWS/SQS", metric = "ApproximateNumberOfMessagesVisible", statistic = "Maximum",
      dimensions = { QueueName = aws_sqs_queue.dead_letter.name }
    }
  }

  # Those of what runs.
  function_alarms = merge([for f, name in merge({ receive = local.receive }, local.job_names) : {
    "failed-${f}" = {
      about     = "The function ${name} has failed: see its log."
      namespace = "AWS/Lambda", metric = "Errors", dimensions = { FunctionName = name }
    }
    "throttled-${f}" = {
      about     = "The function ${name} was not run, since too many run already."
      namespace = "AWS/Lambda", metric = "Throttles", dimensions = { FunctionName = name }
    }
  }]...)

  schedule_alarms = merge({ for k, a in {
    not-started = {
      about     = "A schedule could not start its function."
      namespace = "AWS/Scheduler", metric = "InvocationDroppedCount", dimensions = { ScheduleGroup = var.name }
    }
    } : k => a if length(local.scheduled) > 0 }, { for f in local.daily : "not-run-${f}" => {
    about      = "The function ${local.job_names[f]} has not run for a day: see its schedule."
    namespace  = "AWS/Lambda", metric = "Invocations", dimensions = { FunctionName = local.job_names[f] },
    comparison = "LessThanThreshold", period = 86400, missing = "breaching"
  } })

  # Those that run each day whatever the date is; others may rightly not run for weeks.
  daily = [for f, s in local.scheduled : f if slice(split(" ", s), 2, 5) == tolist(["*", "*", "*"])]

  connector_alarms = { for k, a in {
    connector = {
      about     = "A connector was found disabled. recover enables it unless a user has disabled it; see its log."
      namespace = local.filter_namespace, metric = "connector-disabled"
    }
  } : k => a if local.recovers }

  # Those of the sink that is made.
  sink_alarms = { for k, a in {
    waiting = {
      made      = "sqs"
      about     = "Events have waited in the queue for ${var.queue.max_age_hours} hours: does anybody take them? They are kept for ${var.queue.retention_days} days."
      namespace = "AWS/SQS", metric = "ApproximateAgeOfOldestMessage", statistic = "Maximum",
      threshold = var.queue.max_age_hours * 3600, dimensions = { QueueName = "${var.name}-events${local.fifo}" }
    }
    redrive = {
      made       = "sqs"
      about      = "A consumer has failed ${var.queue.max_receive_count} times at events; they are kept for 14 days."
      namespace  = "AWS/SQS", metric = "ApproximateNumberOfMessagesVisible", statistic = "Maximum",
      dimensions = { QueueName = "${var.name}-redrive${local.fifo}" }
    }
    undelivered = {
      made      = "sns"
      about     = "The topic could not deliver events to a subscription."
      namespace = "AWS/SNS", metric = "NumberOfNotificationsFailed", dimensions = { TopicName = "${var.name}-events${local.fifo}" }
    }
    stream-full = {
      made      = "kinesis"
      about     = "The stream did not take events as fast as they came."
      namespace = "AWS/Kinesis", metric = "WriteProvisionedThroughputExceeded", dimensions = { StreamName = "${var.name}-events" }
    }
  } : k => a if a.made == local.made }

  alarms = { for k, a in merge(local.event_alarms, local.function_alarms, local.schedule_alarms, local.connector_alarms, local.sink_alarms) :
  k => merge(local.alarm_defaults, a) if var.alarms.enabled }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.about
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  extended_statistic  = each.value.percentile
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  period              = each.value.period
  evaluation_periods  = each.value.periods
  datapoints_to_alarm = each.value.datapoints
  treat_missing_data  = each.value.missing
  alarm_actions       = local.told
  ok_actions          = local.told
  tags                = local.tags

  lifecycle {
    precondition {
      condition     = alltrue([for n in var.alarms.notify : can(regex("^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+$", n))])
      error_message = "alarms.notify must have ARNs of SNS topics."
    }
  }
}
