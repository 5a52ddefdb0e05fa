# What variables.tf and the preconditions refuse: one fault each.

mock_provider "aws" {
  source = "./tests/mocks/aws"
}

mock_provider "random" {
  source = "./tests/mocks/random"
}

run "archive_is_not_built" {
  command = plan

  variables {
    archive = "./tests/source/none.zip"
  }

  expect_failures = [var.archive]
}

run "endpoint_is_none" {
  command = plan

  variables {
    endpoint = "rest_api"
  }

  expect_failures = [var.endpoint]
}

run "sink_kind_is_none" {
  command = plan

  variables {
    sink = { kind = "firehose" }
  }

  expect_failures = [var.sink]
}

run "sink_is_of_another_kind" {
  command = plan

  variables {
    sink = { kind = "sqs", existing = "arn:aws:sns:eu-north-1:123456789012:events" }
  }

  expect_failures = [var.sink]
}

run "sink_topic_is_a_url" {
  command = plan

  variables {
    sink = { kind = "sns", existing = "https://sns.eu-north-1.amazonaws.com/" }
  }

  expect_failures = [var.sink]
}

run "sink_bus_is_a_rule" {
  command = plan

  variables {
    sink = { kind = "eventbridge", existing = "arn:aws:events:eu-north-1:123456789012:rule/events" }
  }

  expect_failures = [var.sink]
}

run "sink_stream_is_a_consumer" {
  command = plan

  variables {
    sink = { kind = "kinesis", existing = "arn:aws:kinesis:eu-north-1:123456789012:stream/events/consumer/a:1" }
  }

  expect_failures = [var.sink]
}

run "sink_url_without_tls" {
  command = plan

  variables {
    sink = { urls = ["http://events.example.com/"] }
  }

  expect_failures = [var.sink]
}

run "sink_url_with_a_password" {
  command = plan

  variables {
    sink = { urls = ["https://user:password@events.example.com/"] }
  }

  expect_failures = [var.sink]
}

run "sink_url_with_a_comma" {
  command = plan

  variables {
    sink = { urls = ["https://events.example.com/?a=1,2"] }
  }

  expect_failures = [var.sink]
}

run "sink_url_twice" {
  command = plan

  variables {
    sink = { urls = ["https://events.example.com/", "https://events.example.com/"] }
  }

  expect_failures = [var.sink]
}

run "fifo_bus" {
  command = plan

  variables {
    sink      = { kind = "eventbridge" }
    sink_fifo = true
  }

  expect_failures = [var.sink_fifo]
}

run "fifo_of_ones_own" {
  command = plan

  variables {
    sink      = { existing = "arn:aws:sqs:eu-north-1:123456789012:events" }
    sink_fifo = true
  }

  expect_failures = [var.sink_fifo]
}

run "sink_key_is_an_alias" {
  command = plan

  variables {
    sink             = { existing = "arn:aws:sqs:eu-north-1:123456789012:events" }
    sink_kms_key_arn = "arn:aws:kms:eu-north-1:123456789012:alias/events"
  }

  expect_failures = [var.sink_kms_key_arn]
}

run "sink_key_without_a_sink_of_ones_own" {
  command = plan

  variables {
    sink_kms_key_arn = "arn:aws:kms:eu-north-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
  }

  expect_failures = [var.sink_kms_key_arn]
}

run "queue_hides_for_too_long" {
  command = plan

  variables {
    queue = { visibility_timeout_seconds = 43201 }
  }

  expect_failures = [var.queue]
}

run "queue_keeps_for_too_long" {
  command = plan

  variables {
    queue = { retention_days = 15 }
  }

  expect_failures = [var.queue]
}

run "queue_gives_up_at_once" {
  command = plan

  variables {
    queue = { max_receive_count = 0 }
  }

  expect_failures = [var.queue]
}

run "queue_alarms_too_late" {
  command = plan

  variables {
    queue = { retention_days = 1, max_age_hours = 24 }
  }

  expect_failures = [var.queue]
}

run "event_source_is_amazons" {
  command = plan

  variables {
    event_source = "aws.sensors"
  }

  expect_failures = [var.event_source]
}

run "event_source_with_a_space" {
  command = plan

  variables {
    event_source = "my sensors"
  }

  expect_failures = [var.event_source]
}

run "signature_secret_is_short" {
  command = plan

  variables {
    signature_secret = "planted-short"
  }

  expect_failures = [var.signature_secret]
}

run "signature_secret_is_a_reference" {
  command = plan

  variables {
    signature_secret = "aws-secretsmanager://arn:aws:secretsmanager:eu-north-1:123456789012:secret:x-AbCdEf"
  }

  expect_failures = [var.signature_secret]
}

run "service_account_secret_is_missing" {
  command = plan

  variables {
    connectors      = ["projects/cvinmt9aq9sc738g6eog/dataconnectors/d0a1b2c3d4e5f6g7h8i9"]
    service_account = { key_id = "cvinmt9aq9sc738g6eoh" }
  }

  expect_failures = [var.service_account_secret]
}

run "service_account_secret_with_a_line_break" {
  command = plan

  variables {
    service_account_secret = "planted-secret\n"
  }

  expect_failures = [var.service_account_secret]
}

run "service_account_secret_is_a_reference" {
  command = plan

  variables {
    service_account_secret = "aws-ssm:///dt/secret"
  }

  expect_failures = [var.service_account_secret]
}

run "secrets_version_is_zero" {
  command = plan

  variables {
    secrets_version = 0
  }

  expect_failures = [var.secrets_version]
}

run "rotation_more_often_than_daily" {
  command = plan

  variables {
    connectors             = ["projects/cvinmt9aq9sc738g6eog/dataconnectors/d0a1b2c3d4e5f6g7h8i9"]
    service_account        = { key_id = "cvinmt9aq9sc738g6eoh" }
    service_account_secret = "planted-service-account"
    rotation               = { enabled = true, days = 0.5 }
  }

  expect_failures = [var.rotation]
}

run "rotation_without_connectors" {
  command = plan

  variables {
    rotation = { enabled = true }
  }

  expect_failures = [var.rotation]
}

run "key_is_an_id" {
  command = plan

  variables {
    kms_key_arn = "1234abcd-12ab-34cd-56ef-1234567890ab"
  }

  expect_failures = [var.kms_key_arn]
}

run "memory_too_small" {
  command = plan

  variables {
    memory_size = 64
  }

  expect_failures = [var.memory_size]
}

run "nothing_would_be_received" {
  command = plan

  variables {
    reserved_concurrency = 0
  }

  expect_failures = [var.reserved_concurrency]
}

run "half_an_environment" {
  command = plan

  variables {
    provisioned_concurrency = 0.5
  }

  expect_failures = [var.provisioned_concurrency]
}

run "more_ready_than_reserved" {
  command = plan

  variables {
    reserved_concurrency    = 1
    provisioned_concurrency = 2
  }

  expect_failures = [var.provisioned_concurrency]
}

run "role_of_no_function" {
  command = plan

  variables {
    roles = { forward = "arn:aws:iam::123456789012:role/forward" }
  }

  expect_failures = [var.roles]
}

run "role_is_a_name" {
  command = plan

  variables {
    roles = { receive = "receive" }
  }

  expect_failures = [var.roles]
}

run "boundary_is_a_name" {
  command = plan

  variables {
    permissions_boundary = "boundary"
  }

  expect_failures = [var.permissions_boundary]
}

run "budget_of_nothing" {
  command = plan

  variables {
    budget_usd = 0
    alarms     = { emails = ["ops@example.com"] }
  }

  expect_failures = [var.budget_usd]
}

run "budget_that_nobody_hears_of" {
  command = plan

  variables {
    budget_usd = 10
  }

  expect_failures = [var.budget_usd]
}

run "alarms_to_no_topic" {
  command = plan

  variables {
    alarms = { notify = ["arn:aws:sqs:eu-north-1:123456789012:alarms"] }
  }

  expect_failures = [aws_cloudwatch_metric_alarm.this]
}

run "schedule_minute_60" {
  command = plan

  variables {
    connectors             = ["projects/cvinmt9aq9sc738g6eog/dataconnectors/d0a1b2c3d4e5f6g7h8i9"]
    service_account        = { key_id = "cvinmt9aq9sc738g6eoh" }
    service_account_secret = "planted-service-account"
    schedules              = { sync = "60 * * * *" }
  }

  expect_failures = [aws_scheduler_schedule.this["sync"]]
}

run "schedule_each_0_minutes" {
  command = plan

  variables {
    connectors             = ["projects/cvinmt9aq9sc738g6eog/dataconnectors/d0a1b2c3d4e5f6g7h8i9"]
    service_account        = { key_id = "cvinmt9aq9sc738g6eoh" }
    service_account_secret = "planted-service-account"
    schedules              = { sync = "*/0 * * * *" }
  }

  expect_failures = [aws_scheduler_schedule.this["sync"]]
}

run "schedule_hour_24" {
  command = plan

  variables {
    connectors             = ["projects/cvinmt9aq9sc738g6eog/dataconnectors/d0a1b2c3d4e5f6g7h8i9"]
    service_account        = { key_id = "cvinmt9aq9sc738g6eoh" }
    service_account_secret = "planted-service-account"
    schedules              = { sync = "0 24 * * *" }
  }

  expect_failures = [aws_scheduler_schedule.this["sync"]]
}

run "schedule_day_0" {
  command = plan

  variables {
    connectors             = ["projects/cvinmt9aq9sc738g6eog/dataconnectors/d0a1b2c3d4e5f6g7h8i9"]
    service_account        = { key_id = "cvinmt9aq9sc738g6eoh" }
    service_account_secret = "planted-service-account"
    schedules              = { sync = "0 0 0 * *" }
  }

  expect_failures = [aws_scheduler_schedule.this["sync"]]
}

run "schedule_month_13" {
  command = plan

  variables {
    connectors             = ["projects/cvinmt9aq9sc738g6eog/dataconnectors/d0a1b2c3d4e5f6g7h8i9"]
    service_account        = { key_id = "cvinmt9aq9sc738g6eoh" }
    service_account_secret = "planted-service-account"
    schedules              = { sync = "0 0 1 13 *" }
  }

  expect_failures = [aws_scheduler_schedule.this["sync"]]
}
