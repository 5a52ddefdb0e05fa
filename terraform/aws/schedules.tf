# When the functions run. EventBridge Scheduler takes six fields, with a ? for the one of
# the days that says nothing, and n/m instead of */m.

locals {
  days = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]

  # minute, hour, day of month, month, day of week
  schedule_fields = { for f, expression in local.scheduled : f => split(" ", expression) }

  # Ranges of days become lists: where a week begins, not all agree.
  schedule_days = { for f, fields in local.schedule_fields : f => join(",", distinct(flatten([
    for part in split(",", fields[4]) : [
      for i in range(length(split("-", part)) < 2 ? 1 : (index(local.days, split("-", part)[1]) - index(local.days, split("-", part)[0]) + 7) % 7 + 1) :
      local.days[(index(local.days, split("-", part)[0]) + i) % 7]
    ]
  ]))) if fields[4] != "*" }

  cron = { for f, fields in local.schedule_fields : f => format("cron(%s %s %s %s %s *)",
    replace(fields[0], "*/", "0/"),
    replace(fields[1], "*/", "0/"),
    fields[4] == "*" ? fields[2] : "?",
    fields[3],
    fields[4] == "*" ? "?" : local.schedule_days[f],
  ) }

  # The least and the most of each field that has numbers.
  schedule_bounds = [[0, 59], [0, 23], [1, 31], [1, 12]]

  schedule_in_bounds = { for f, fields in local.schedule_fields : f => alltrue(flatten([
    for i, bounds in local.schedule_bounds : [
      for n in regexall("[0-9]+", fields[i]) :
      tonumber(n) >= (startswith(fields[i], "*/") ? 1 : bounds[0]) && tonumber(n) <= bounds[1]
    ]
  ])) }
}

resource "aws_scheduler_schedule_group" "this" {
  count = length(local.scheduled) > 0 ? 1 : 0

  name = var.name
  tags = local.tags
}

resource "aws_iam_role" "schedule" {
  for_each = local.scheduled

  name                 = "${var.name}-schedule-${each.key}-${local.region}"
  description          = "What the schedule of ${var.name}-${each.key} may do"
  permissions_boundary = var.permissions_boundary
  tags                 = local.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "scheduler.amazonaws.com" }
      Action    = "sts:AssumeRole"
      # Schedules of this group, not somebody else's.
      Condition = { StringEquals = {
        "aws:SourceAccount" = local.account
        "aws:SourceArn"     = aws_scheduler_schedule_group.this[0].arn
      } }
    }]
  })
}

resource "aws_iam_role_policy" "schedule" {
  for_each = local.scheduled

  name = "invoke"
  role = aws_iam_role.schedule[each.key].name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "Invoke"
      Effect   = "Allow"
      Action   = ["lambda:InvokeFunction"]
      Resource = [aws_lambda_function.job[each.key].arn]
    }]
  })
}

resource "aws_scheduler_schedule" "this" {
  for_each = local.scheduled

  name                         = local.job_names[each.key]
  description                  = "Runs ${local.job_names[each.key]}: ${each.value}"
  group_name                   = aws_scheduler_schedule_group.this[0].name
  schedule_expression          = local.cron[each.key]
  schedule_expression_timezone = "UTC"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_lambda_function.job[each.key].arn
    role_arn = aws_iam_role.schedule[each.key].arn
    input    = jsonencode({ job = each.key })

    # For when Lambda cannot be reached. The next run does what this one did not.
    retry_policy {
      maximum_event_age_in_seconds = 300
      maximum_retry_attempts       = 3
    }
  }

  lifecycle {
    precondition {
      condition     = local.schedule_in_bounds[each.key]
      error_message = "schedules.${each.key}, ${each.value}, has a number that its field cannot have: minutes are 0 to 59, hours 0 to 23, days 1 to 31, months 1 to 12, and */n begins at */1."
    }
  }

  depends_on = [aws_iam_role_policy.schedule]
}
