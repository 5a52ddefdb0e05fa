# Each kind of sink, made or of the customer's own.

mock_provider "aws" {
  source = "./tests/mocks/aws"
}

mock_provider "random" {
  source = "./tests/mocks/random"
}

variables {
  archive = "./tests/source/before.zip"
  # terraform test wants a value for what is ephemeral.
  signature_secret       = "planted-signature-0123456789"
  service_account_secret = "planted-service-account"
}

run "queue" {
  command = apply

  assert {
    condition     = output.sinks == ["aws-sqs://sqs.eu-north-1.amazonaws.com/123456789012/dt-functions-events"] && aws_lambda_function.receive.environment[0].variables.DT_SINK == output.sinks[0]
    error_message = "The queue is where receive publishes."
  }
  assert {
    condition     = aws_sqs_queue.events[0].name == "dt-functions-events" && !aws_sqs_queue.events[0].fifo_queue && aws_sqs_queue.events[0].sqs_managed_sse_enabled
    error_message = "The queue is a standard one, and encrypted."
  }
  assert {
    condition     = jsondecode(aws_sqs_queue.events[0].redrive_policy) == { deadLetterTargetArn = aws_sqs_queue.redrive[0].arn, maxReceiveCount = 5 }
    error_message = "What a consumer fails at goes to a dead-letter queue."
  }
  assert {
    condition     = jsondecode(aws_sqs_queue_redrive_allow_policy.redrive[0].redrive_allow_policy) == { redrivePermission = "byQueue", sourceQueueArns = [aws_sqs_queue.events[0].arn] }
    error_message = "The dead-letter queue is for this queue."
  }
}

run "fifo_queue" {
  command = apply

  variables {
    sink_fifo = true
    queue     = { visibility_timeout_seconds = 180, retention_days = 4, max_receive_count = 3, max_age_hours = 2 }
  }

  assert {
    condition     = aws_sqs_queue.events[0].name == "dt-functions-events.fifo" && aws_sqs_queue.events[0].fifo_queue && aws_sqs_queue.redrive[0].name == "dt-functions-redrive.fifo" && aws_sqs_queue.redrive[0].fifo_queue
    error_message = "A FIFO queue and its dead-letter queue must both be FIFO, by their names too."
  }
  assert {
    condition     = output.sinks == ["aws-sqs://sqs.eu-north-1.amazonaws.com/123456789012/dt-functions-events.fifo"]
    error_message = "receive must publish to the FIFO queue."
  }
  assert {
    condition     = aws_sqs_queue.dead_letter.name == "dt-functions-dead-letter"
    error_message = "What cannot be decoded has no order."
  }
  assert {
    condition     = aws_sqs_queue.events[0].visibility_timeout_seconds == 180 && aws_sqs_queue.events[0].message_retention_seconds == 345600 && jsondecode(aws_sqs_queue.events[0].redrive_policy).maxReceiveCount == 3
    error_message = "The queue's settings must be taken."
  }
}

run "topic" {
  command = apply

  variables {
    sink = { kind = "sns" }
  }

  assert {
    condition     = output.sinks == ["aws-sns:///arn:aws:sns:eu-north-1:123456789012:mock"] && aws_sns_topic.events[0].name == "dt-functions-events" && aws_sns_topic.events[0].kms_master_key_id == "alias/aws/sns"
    error_message = "A topic is made, and encrypted."
  }
  assert {
    condition     = [for s in jsondecode(aws_iam_role_policy.receive[0].policy).Statement : [s.Action, s.Resource] if s.Sid == "Publish"] == [[["sns:Publish"], ["arn:aws:sns:eu-north-1:123456789012:mock"]]]
    error_message = "receive may publish to the topic."
  }
  assert {
    condition     = length(aws_sqs_queue.events) == 0 && length(aws_sqs_queue.redrive) == 0 && length(aws_sqs_queue_policy.tls) == 1
    error_message = "No queue is made but that of the dead letters."
  }
}

run "fifo_topic" {
  command = apply

  variables {
    sink      = { kind = "sns" }
    sink_fifo = true
  }

  assert {
    condition     = aws_sns_topic.events[0].name == "dt-functions-events.fifo" && aws_sns_topic.events[0].fifo_topic
    error_message = "A FIFO topic must be one by its name too."
  }
}

run "bus" {
  command = apply

  variables {
    sink         = { kind = "eventbridge" }
    event_source = "com.example.sensors"
  }

  assert {
    condition     = output.sinks == ["aws-eventbridge:///arn:aws:events:eu-north-1:123456789012:event-bus/mock?source=com.example.sensors"]
    error_message = "A bus is made, and events have the source."
  }
  assert {
    condition     = [for s in jsondecode(aws_iam_role_policy.receive[0].policy).Statement : [s.Action, s.Resource] if s.Sid == "Publish"] == [[["events:PutEvents"], ["arn:aws:events:eu-north-1:123456789012:event-bus/mock"]]]
    error_message = "receive may publish to the bus."
  }
  assert {
    condition     = aws_cloudwatch_event_archive.events[0].event_source_arn == aws_cloudwatch_event_bus.events[0].arn && aws_cloudwatch_event_archive.events[0].retention_days == 14
    error_message = "What comes before there is a rule is kept."
  }
}

run "stream" {
  command = apply

  variables {
    sink = { kind = "kinesis" }
  }

  assert {
    condition     = output.sinks == ["aws-kinesis:///arn:aws:kinesis:eu-north-1:123456789012:stream/mock"] && aws_kinesis_stream.events[0].stream_mode_details[0].stream_mode == "ON_DEMAND" && aws_kinesis_stream.events[0].encryption_type == "KMS"
    error_message = "A stream is made, and encrypted."
  }
  assert {
    condition     = [for s in jsondecode(aws_iam_role_policy.receive[0].policy).Statement : [s.Action, s.Resource] if s.Sid == "Publish"] == [[["kinesis:PutRecords"], ["arn:aws:kinesis:eu-north-1:123456789012:stream/mock"]]]
    error_message = "receive may publish to the stream."
  }
}

run "existing_queue" {
  command = apply

  variables {
    sink             = { existing = "arn:aws:sqs:eu-west-1:210987654321:mine.fifo" }
    sink_kms_key_arn = "arn:aws:kms:eu-west-1:210987654321:key/1234abcd-12ab-34cd-56ef-1234567890ab"
  }

  assert {
    condition     = output.sinks == ["aws-sqs://sqs.eu-west-1.amazonaws.com/210987654321/mine.fifo"]
    error_message = "A queue of one's own is where it is, in another region too."
  }
  assert {
    condition     = length(aws_sqs_queue.events) == 0 && length(aws_sqs_queue.redrive) == 0 && length(setintersection(keys(aws_cloudwatch_metric_alarm.this), ["waiting", "redrive"])) == 0
    error_message = "Where a queue is given none is made, and none watched."
  }
  assert {
    condition = [for s in jsondecode(aws_iam_role_policy.receive[0].policy).Statement : [s.Action, s.Resource] if contains(["Publish", "Key"], s.Sid)] == [
      [["sqs:SendMessage"], ["arn:aws:sqs:eu-west-1:210987654321:mine.fifo"]],
      [["kms:Decrypt", "kms:GenerateDataKey"], ["arn:aws:kms:eu-west-1:210987654321:key/1234abcd-12ab-34cd-56ef-1234567890ab"]],
    ]
    error_message = "receive may publish to the queue that is given, and use its key."
  }
}

run "existing_topic" {
  command = apply

  variables {
    sink = { kind = "sns", existing = "arn:aws:sns:eu-west-1:210987654321:mine" }
  }

  assert {
    condition     = output.sinks == ["aws-sns:///arn:aws:sns:eu-west-1:210987654321:mine"] && length(aws_sns_topic.events) == 0
    error_message = "A topic of one's own is used."
  }
}

run "existing_bus" {
  command = apply

  variables {
    sink = { kind = "eventbridge", existing = "arn:aws:events:eu-west-1:210987654321:event-bus/default" }
  }

  assert {
    condition     = output.sinks == ["aws-eventbridge:///arn:aws:events:eu-west-1:210987654321:event-bus/default?source=com.disruptive-technologies"] && length(aws_cloudwatch_event_bus.events) == 0 && length(aws_cloudwatch_event_archive.events) == 0
    error_message = "A bus of one's own is used."
  }
}

run "existing_stream" {
  command = apply

  variables {
    sink = { kind = "kinesis", existing = "arn:aws:kinesis:eu-west-1:210987654321:stream/mine" }
  }

  assert {
    condition     = output.sinks == ["aws-kinesis:///arn:aws:kinesis:eu-west-1:210987654321:stream/mine"] && length(aws_kinesis_stream.events) == 0
    error_message = "A stream of one's own is used."
  }
}

run "forward" {
  command = apply

  variables {
    sink = { urls = ["https://events.example.com/dt?site=oslo"] }
  }

  assert {
    condition     = output.sinks == ["aws-sqs://sqs.eu-north-1.amazonaws.com/123456789012/dt-functions-events", "https://events.example.com/dt?site=oslo"]
    error_message = "Events go on to the URL besides."
  }
  assert {
    condition     = aws_lambda_function.receive.environment[0].variables.DT_FORWARD_SECRET == output.forward_secret && startswith(output.forward_secret, "aws-secretsmanager://arn:aws:secretsmanager:")
    error_message = "What is forwarded is signed, with a secret by reference."
  }
}
