locals {
  # The queues, by what they are called on the dashboard.
  dashboard_queues = merge(
    { "dead letters" = "${var.name}-dead-letter" },
    { for made in [local.made] : "waiting" => "${var.name}-events${local.fifo}" if made == "sqs" },
    { for made in [local.made] : "consumer failed" => "${var.name}-redrive${local.fifo}" if made == "sqs" },
  )

  dashboard_functions = merge({ receive = local.receive }, local.job_names)

  widgets = [
    {
      title = "Events by what became of them", stat = "Sum", view = "timeSeries", stacked = true
      metrics = [for outcome in ["accepted", "filtered", "duplicate", "dead-lettered", "unauthorized", "retry", "error"] :
      [local.program_namespace, outcome, "function", local.receive, { label = outcome }]]
    },
    {
      title = "Time to answer, ms", stat = "p50", view = "timeSeries", stacked = false
      metrics = [for stat in ["p50", "p99", "Maximum"] :
      [local.program_namespace, "latency", "function", local.receive, { label = stat, stat = stat }]]
    },
    {
      title = "Failed runs", stat = "Sum", view = "timeSeries", stacked = false
      metrics = [for f, name in local.dashboard_functions :
      ["AWS/Lambda", "Errors", "FunctionName", name, { label = f }]]
    },
    {
      title = "Runs", stat = "Sum", view = "timeSeries", stacked = false
      metrics = [for f, name in local.dashboard_functions :
      ["AWS/Lambda", "Invocations", "FunctionName", name, { label = f }]]
    },
    {
      title   = "Environments of receive at a time", stat = "Maximum", view = "timeSeries", stacked = false
      metrics = [["AWS/Lambda", "ConcurrentExecutions", "FunctionName", local.receive, { label = "receive" }]]
    },
    {
      title = "Messages in the queues", stat = "Maximum", view = "timeSeries", stacked = false
      metrics = [for label, name in local.dashboard_queues :
      ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", name, { label = label }]]
    },
  ]
}

resource "aws_cloudwatch_dashboard" "this" {
  count = var.dashboard ? 1 : 0

  dashboard_name = "${var.name}-${local.region}"
  dashboard_body = jsonencode({
    widgets = concat(
      [for i, w in local.widgets : {
        type   = "metric"
        x      = i % 2 * 12
        y      = floor(i / 2) * 6
        width  = 12
        height = 6
        properties = {
          title   = w.title
          region  = local.region
          stat    = w.stat
          view    = w.view
          stacked = w.stacked
          period  = 300
          metrics = w.metrics
        }
      }],
      [{
        type   = "log"
        x      = 0
        y      = 18
        width  = 24
        height = 6
        properties = {
          title  = "What was refused or could not be handled"
          region = local.region
          view   = "table"
          query  = "SOURCE '${aws_cloudwatch_log_group.receive.name}' | fields @timestamp, outcome, reason, device, error | filter level != \"INFO\" | sort @timestamp desc | limit 50"
        }
      }],
    )
  })
}
