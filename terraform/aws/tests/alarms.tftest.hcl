# What is alarmed on, and who is told.

mock_provider "aws" {
  source = "./tests/mocks/aws"
}

mock_provider "random" {
  source = "./tests/mocks/random"
}

variables {
  signature_secret       = "planted-signature-0123456789"
  archive                = "./tests/source/before.zip"
  service_account        = { key_id = "cvinmt9aq9sc738g6eoh" }
  service_account_secret = "planted-service-account"
  connectors             = ["projects/cvinmt9aq9sc738g6eog/dataconnectors/d0a1b2c3d4e5f6g7h8i9"]
}

run "on" {
  command = apply

  variables {
    alarms = { emails = ["ops@example.com"], notify = ["arn:aws:sns:eu-north-1:123456789012:pager"], no_events_minutes = 1440, rejected = 3, slow_seconds = 2.5 }
  }

  assert {
    condition = keys(aws_cloudwatch_metric_alarm.this) == [
      "connector", "dead-lettered", "dead-letters", "error", "failed-configure", "failed-receive", "failed-recover", "no-events", "not-run-configure", "not-run-recover", "not-started",
      "redrive", "rejected", "retry", "slow", "throttled-configure", "throttled-receive", "throttled-recover", "waiting",
    ]
    error_message = "What can go wrong is alarmed on."
  }
  assert {
    condition     = [for a, alarm in aws_cloudwatch_metric_alarm.this : a if alarm.treat_missing_data != "notBreaching"] == ["no-events", "not-run-configure", "not-run-recover"] && alltrue([for a in ["no-events", "not-run-configure", "not-run-recover"] : aws_cloudwatch_metric_alarm.this[a].treat_missing_data == "breaching"])
    error_message = "No data is bad for the events, and for the runs of a schedule."
  }
  assert {
    condition     = [for a in ["not-run-configure", "not-run-recover"] : [aws_cloudwatch_metric_alarm.this[a].metric_name, aws_cloudwatch_metric_alarm.this[a].dimensions.FunctionName, aws_cloudwatch_metric_alarm.this[a].period, aws_cloudwatch_metric_alarm.this[a].comparison_operator, aws_cloudwatch_metric_alarm.this[a].threshold]] == [["Invocations", "dt-functions-configure", 86400, "LessThanThreshold", 1], ["Invocations", "dt-functions-recover", 86400, "LessThanThreshold", 1]]
    error_message = "A day without a run is alarmed on."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["no-events"].period == 86400 && aws_cloudwatch_metric_alarm.this["no-events"].comparison_operator == "LessThanThreshold" && aws_cloudwatch_metric_alarm.this["no-events"].threshold == 1
    error_message = "A day without an event is alarmed on."
  }
  assert {
    condition = [for a in ["rejected", "retry", "error", "dead-lettered", "slow"] : [
      aws_cloudwatch_metric_alarm.this[a].namespace, aws_cloudwatch_metric_alarm.this[a].metric_name, aws_cloudwatch_metric_alarm.this[a].dimensions.function, aws_cloudwatch_metric_alarm.this[a].threshold]] == [
      ["dt-functions", "unauthorized", "dt-functions-receive", 3],
      ["dt-functions", "retry", "dt-functions-receive", 1],
      ["dt-functions", "error", "dt-functions-receive", 1],
      ["dt-functions", "dead-lettered", "dt-functions-receive", 1],
      ["dt-functions", "latency", "dt-functions-receive", 2500],
    ]
    error_message = "The alarms look at the metrics that the program writes."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["slow"].extended_statistic == "p99" && aws_cloudwatch_metric_alarm.this["slow"].statistic == null && aws_cloudwatch_metric_alarm.this["slow"].datapoints_to_alarm == 2 && aws_cloudwatch_metric_alarm.this["slow"].evaluation_periods == 3
    error_message = "Slow is what one answer of a hundred is, more than once."
  }
  assert {
    condition = [for a in ["waiting", "redrive", "dead-letters"] : [aws_cloudwatch_metric_alarm.this[a].metric_name, aws_cloudwatch_metric_alarm.this[a].dimensions.QueueName, aws_cloudwatch_metric_alarm.this[a].threshold]] == [
      ["ApproximateAgeOfOldestMessage", "dt-functions-events", 86400],
      ["ApproximateNumberOfMessagesVisible", "dt-functions-redrive", 1],
      ["ApproximateNumberOfMessagesVisible", "dt-functions-dead-letter", 1],
    ]
    error_message = "The queues are watched by their names."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["failed-recover"].namespace == "AWS/Lambda" && aws_cloudwatch_metric_alarm.this["failed-recover"].dimensions.FunctionName == "dt-functions-recover"
    error_message = "Failed runs are alarmed on."
  }
  assert {
    condition = [for f in [aws_cloudwatch_log_metric_filter.events[0], aws_cloudwatch_log_metric_filter.connector[0]] : [f.log_group_name, f.pattern, f.metric_transformation[0].namespace, f.metric_transformation[0].name]] == [
      ["/aws/lambda/dt-functions-receive", "{ ($.message = \"event\") && (($.outcome = \"accepted\") || ($.outcome = \"filtered\") || ($.outcome = \"duplicate\")) }", "dt-functions/dt-functions", aws_cloudwatch_metric_alarm.this["no-events"].metric_name],
      ["/aws/lambda/dt-functions-recover", "{ ($.function = \"recover\") && ($.report.status = \"*DISABLED\") }", "dt-functions/dt-functions", aws_cloudwatch_metric_alarm.this["connector"].metric_name],
    ]
    error_message = "Two metrics are made of the logs."
  }
  assert {
    condition     = alltrue([for a in aws_cloudwatch_metric_alarm.this : a.alarm_actions == toset(["arn:aws:sns:eu-north-1:123456789012:mock", "arn:aws:sns:eu-north-1:123456789012:pager"]) && a.ok_actions == a.alarm_actions])
    error_message = "The e-mail addresses and the topics are told, also when it is over."
  }
  assert {
    condition     = [for s in aws_sns_topic_subscription.alarms : [s.protocol, s.endpoint]] == [["email", "ops@example.com"]]
    error_message = "Each address is subscribed."
  }
}

run "nobody_is_told" {
  command = plan

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.this) == 19 && length(aws_sns_topic.alarms) == 0 && output.alarm_topic == null && alltrue([for a in aws_cloudwatch_metric_alarm.this : length(a.alarm_actions) == 0])
    error_message = "Without addresses the alarms are there to be seen."
  }
}

run "of_other_sinks" {
  command = plan

  variables {
    sink       = { kind = "kinesis" }
    connectors = []
  }

  assert {
    condition     = keys(aws_cloudwatch_metric_alarm.this) == ["dead-lettered", "dead-letters", "error", "failed-receive", "no-events", "rejected", "retry", "slow", "stream-full", "throttled-receive"]
    error_message = "What is not there is not watched."
  }
}

run "of_a_topic" {
  command = plan

  variables {
    sink      = { kind = "sns" }
    sink_fifo = true
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this["undelivered"].dimensions.TopicName == "dt-functions-events.fifo"
    error_message = "What a topic could not deliver is alarmed on."
  }
}

run "off" {
  command = apply

  variables {
    alarms    = { enabled = false, emails = ["ops@example.com"] }
    log_level = "error"
    dashboard = false
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.this) == 0 && length(aws_cloudwatch_log_metric_filter.events) == 0 && length(aws_cloudwatch_log_metric_filter.connector) == 0 && length(aws_sns_topic.alarms) == 0 && length(aws_sns_topic_subscription.alarms) == 0 && length(aws_cloudwatch_dashboard.this) == 0
    error_message = "What is off is not there."
  }
}

run "logs" {
  command = apply

  variables {
    log_retention_days = 730
  }

  assert {
    condition     = alltrue([for g in concat([aws_cloudwatch_log_group.receive], values(aws_cloudwatch_log_group.job)) : g.retention_in_days == 731])
    error_message = "CloudWatch has 731 days where others have 730."
  }
  assert {
    condition = alltrue([for f in concat([aws_lambda_function.receive], values(aws_lambda_function.job)) :
    f.logging_config[0].log_group == "/aws/lambda/${f.function_name}" && f.logging_config[0].log_format == "Text"])
    error_message = "Each function logs to its group, line by line as it writes."
  }
}

run "dashboard" {
  command = plan

  assert {
    condition     = length(jsondecode(aws_cloudwatch_dashboard.this[0].dashboard_body).widgets) == 7 && alltrue([for w in jsondecode(aws_cloudwatch_dashboard.this[0].dashboard_body).widgets : w.properties.region == "eu-north-1" && w.x + w.width <= 24])
    error_message = "The dashboard has seven parts."
  }
  assert {
    condition     = [for m in jsondecode(aws_cloudwatch_dashboard.this[0].dashboard_body).widgets[0].properties.metrics : m[1]] == ["accepted", "filtered", "duplicate", "dead-lettered", "unauthorized", "retry", "error"]
    error_message = "The dashboard shows what became of the events."
  }
}
