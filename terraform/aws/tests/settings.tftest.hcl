# The functions' settings, and names at their longest.

mock_provider "aws" {
  source = "./tests/mocks/aws"
}

mock_provider "random" {
  source = "./tests/mocks/random"
}

variables {
  signature_secret       = "planted-signature-0123456789"
  archive                = "./tests/source/before.zip"
  service_account        = { key_id = "cvinmt9aq9sc738g6eoh", email = "sensors@example.com" }
  service_account_secret = "planted-service-account"
  connectors             = ["projects/cvinmt9aq9sc738g6eog/dataconnectors/d0a1b2c3d4e5f6g7h8i9", "projects/cvinmt9aq9sc738g6eog/dataconnectors/e0a1b2c3d4e5f6g7h8i9"]
}

# receive does not take its settings from shared.tf: that would be a circle.
run "all_settings" {
  command = apply

  variables {
    schedules       = { sync = "0 3 * * *" }
    event_types     = ["temperature", "touch"]
    device_types    = ["temperature"]
    projects        = ["cvinmt9aq9sc738g6eog"]
    label_selector  = "floor in (1,2), !test"
    labels          = ["name", "site=place"]
    label_defaults  = { place = "Oslo, Norway" }
    organization_id = "cvinmt9aq9sc738g6eoi"
    log_level       = "debug"
    settings = {
      DT_RECOVER_OVERLAP = "90m", DT_RECOVER_USER_DISABLED = "true", DT_ALLOW_SHA1 = "true", DT_OIDC_ISSUER = "https://identity.example.com/",
      DT_API_URL         = "https://api.example.com/v2", DT_TOKEN_URL = "https://identity.example.com/token"
    }
    connector_config = { display_name = "Sensors", status = "ACTIVE", events = ["temperature"], labels = ["name"], headers = { X-Site = "oslo" } }
  }

  assert {
    condition = aws_lambda_function.receive.environment[0].variables == tomap(merge(output.doctor.settings, {
      DT_SINK             = "aws-sqs://sqs.eu-north-1.amazonaws.com/123456789012/dt-functions-events"
      DT_DEAD_LETTER      = "aws-sqs://sqs.eu-north-1.amazonaws.com/123456789012/dt-functions-dead-letter"
      DT_SIGNATURE_SECRET = output.signature_secret
    }))
    error_message = "receive must have the settings of shared.tf, and where things are."
  }
  assert {
    condition = output.doctor.settings == {
      DT_EVENT_TYPES     = "temperature,touch"
      DT_DEVICE_TYPES    = "temperature"
      DT_PROJECTS        = "cvinmt9aq9sc738g6eog"
      DT_LABEL_SELECTOR  = "floor in (1,2), !test"
      DT_LABELS          = "name,site=place"
      DT_LABEL_DEFAULTS  = "place=\"Oslo, Norway\""
      DT_ORGANIZATION_ID = "cvinmt9aq9sc738g6eoi"
      DT_OIDC_ISSUER     = "https://identity.example.com/"
      DT_ALLOW_SHA1      = "true"
      DT_LOG_LEVEL       = "debug"
    }
    error_message = "All that was set must reach receive."
  }
  assert {
    condition     = [for f in ["sync", "configure", "recover"] : length(aws_lambda_function.job[f].environment[0].variables)] == [7, 9, 18]
    error_message = "The scheduled functions have their own settings, and no others."
  }
  assert {
    condition     = aws_lambda_function.job["recover"].environment[0].variables.DT_CHECKPOINT == "aws-s3://dt-functions-checkpoint-123456789012-eu-north-1/recover"
    error_message = "recover must know where its checkpoints are."
  }
  assert {
    condition     = aws_lambda_function.job["configure"].environment[0].variables.DT_CONNECTOR_CONFIG == jsonencode(output.doctor.wanted)
    error_message = "configure must know what is wanted."
  }
}

run "again" {
  command = plan

  variables {
    schedules       = { sync = "0 3 * * *" }
    event_types     = ["temperature", "touch"]
    device_types    = ["temperature"]
    projects        = ["cvinmt9aq9sc738g6eog"]
    label_selector  = "floor in (1,2), !test"
    labels          = ["name", "site=place"]
    label_defaults  = { place = "Oslo, Norway" }
    organization_id = "cvinmt9aq9sc738g6eoi"
    log_level       = "debug"
    settings = {
      DT_RECOVER_OVERLAP = "90m", DT_RECOVER_USER_DISABLED = "true", DT_ALLOW_SHA1 = "true", DT_OIDC_ISSUER = "https://identity.example.com/",
      DT_API_URL         = "https://api.example.com/v2", DT_TOKEN_URL = "https://identity.example.com/token"
    }
    connector_config = { display_name = "Sensors", status = "ACTIVE", events = ["temperature"], labels = ["name"], headers = { X-Site = "oslo" } }
  }

  assert {
    condition     = output.doctor == run.all_settings.doctor
    error_message = "A second plan must say the same."
  }
}

run "raw" {
  command = plan

  variables {
    encoding = "raw"
  }

  assert {
    condition     = output.doctor.settings.DT_ENCODING == "raw"
    error_message = "The raw body must go on."
  }
}

run "longest_name" {
  command = apply

  variables {
    name       = "a-name-of-20-letters"
    sink_fifo  = true
    schedules  = { sync = "0 3 * * *" }
    rotation   = { enabled = true }
    alarms     = { emails = ["ops@example.com"] }
    budget_usd = 10
    tags       = { team = "facilities" }
  }

  override_data {
    target = data.aws_region.current
    values = { region = "ap-northeast-1" }
  }

  assert {
    condition     = alltrue([for r in concat([aws_iam_role.receive[0]], values(aws_iam_role.job), values(aws_iam_role.schedule)) : length(r.name) <= 64])
    error_message = "Names of roles have at most 64 characters."
  }
  assert {
    condition     = alltrue([for f in concat([aws_lambda_function.receive], values(aws_lambda_function.job)) : length(f.function_name) <= 64])
    error_message = "Names of functions have at most 64 characters."
  }
  assert {
    condition     = length(aws_s3_bucket.checkpoint[0].bucket) <= 63 && can(regex("^[a-z0-9-]+$", aws_s3_bucket.checkpoint[0].bucket))
    error_message = "Names of buckets have at most 63 characters."
  }
  assert {
    condition     = alltrue([for q in [aws_sqs_queue.events[0], aws_sqs_queue.redrive[0], aws_sqs_queue.dead_letter] : length(q.name) <= 80])
    error_message = "Names of queues have at most 80 characters."
  }
  assert {
    condition     = alltrue([for s in aws_scheduler_schedule.this : length(s.name) <= 64])
    error_message = "Names of schedules have at most 64 characters."
  }
  assert {
    condition = alltrue([for t in concat(
      [for r in aws_iam_role.job : r.tags], [for r in aws_iam_role.schedule : r.tags], [for f in aws_lambda_function.job : f.tags], [for a in aws_cloudwatch_metric_alarm.this : a.tags],
      [aws_lambda_function.receive.tags, aws_sqs_queue.events[0].tags, aws_s3_bucket.checkpoint[0].tags, aws_secretsmanager_secret.signature.tags, aws_cloudwatch_log_group.receive.tags],
    ) : t == tomap({ dt-functions = "a-name-of-20-letters", team = "facilities" })])
    error_message = "Everything has the tags."
  }
  assert {
    condition     = one(one(aws_budgets_budget.this[*].cost_filter)).values == tolist(["user:dt-functions$a-name-of-20-letters"]) && one(aws_budgets_budget.this[*].limit_amount) == "10"
    error_message = "The budget counts what has the tag."
  }
}
