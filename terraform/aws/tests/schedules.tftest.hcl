# When the functions run. EventBridge's cron expressions have a ? where the day says
# nothing, and a year.

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

run "every_some_minutes" {
  command = apply

  assert {
    condition     = { for f, s in aws_scheduler_schedule.this : f => s.schedule_expression } == { configure = "cron(0/5 * * * ? *)", recover = "cron(0/15 * * * ? *)" }
    error_message = "configure runs each 5 minutes and recover each 15."
  }
  assert {
    condition     = alltrue([for s in aws_scheduler_schedule.this : s.schedule_expression_timezone == "UTC" && s.flexible_time_window[0].mode == "OFF" && s.group_name == "dt-functions"])
    error_message = "Schedules are in UTC, exact, and in a group of their own."
  }
  assert {
    condition     = { for f, s in aws_scheduler_schedule.this : f => jsondecode(s.target[0].input) } == { configure = { job = "configure" }, recover = { job = "recover" } }
    error_message = "Each function is told what it is, and refuses anything else."
  }
  assert {
    condition     = alltrue([for f, s in aws_scheduler_schedule.this : s.target[0].arn == aws_lambda_function.job[f].arn && s.target[0].role_arn == aws_iam_role.schedule[f].arn && s.target[0].retry_policy[0].maximum_retry_attempts == 3])
    error_message = "A schedule runs its function with its role, and tries again."
  }
}

run "hours_and_days_of_the_week" {
  command = plan

  variables {
    schedules = { sync = "0 6 * * MON-FRI", configure = "30 */6 * * SUN", recover = "0,30 8-17 * * SAT-MON,WED" }
  }

  assert {
    condition = { for f, s in aws_scheduler_schedule.this : f => s.schedule_expression } == {
      sync      = "cron(0 6 ? * MON,TUE,WED,THU,FRI *)"
      configure = "cron(30 0/6 ? * SUN *)"
      recover   = "cron(0,30 8-17 ? * SAT,SUN,MON,WED *)"
    }
    error_message = "Days of the week become a list, also across the end of a week."
  }
}

run "days_of_the_month" {
  command = plan

  variables {
    schedules = { sync = "59 23 1,15 * *", configure = "0 0 31 1-6 *", recover = "*/20 * * 12 *" }
  }

  assert {
    condition = { for f, s in aws_scheduler_schedule.this : f => s.schedule_expression } == {
      sync      = "cron(59 23 1,15 * ? *)"
      configure = "cron(0 0 31 1-6 ? *)"
      recover   = "cron(0/20 * * 12 ? *)"
    }
    error_message = "Days of the month stay as they are."
  }
}

run "off" {
  command = plan

  variables {
    schedules = { sync = "0 3 * * *", configure = "off", recover = "off" }
  }

  assert {
    condition     = keys(aws_scheduler_schedule.this) == ["sync"] && keys(aws_lambda_function.job) == ["sync"] && length(aws_s3_bucket.checkpoint) == 0
    error_message = "What is off is not deployed, nor what it alone needs."
  }
}

run "all_off" {
  command = plan

  variables {
    schedules = { configure = "off", recover = "off" }
  }

  assert {
    condition     = length(aws_scheduler_schedule.this) == 0 && length(aws_scheduler_schedule_group.this) == 0 && length(aws_lambda_function.job) == 0
    error_message = "Without schedules there are no scheduled functions."
  }
}

run "without_connectors" {
  command = plan

  variables {
    connectors             = []
    service_account        = null
    service_account_secret = null
  }

  assert {
    condition     = length(aws_scheduler_schedule.this) == 0 && length(aws_lambda_function.job) == 0 && length(aws_secretsmanager_secret.service_account) == 0
    error_message = "Without connectors there is receive alone."
  }
}
