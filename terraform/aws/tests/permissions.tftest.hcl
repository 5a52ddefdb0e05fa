# What each role may do: these actions, on these resources, and nothing else.

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
  schedules              = { sync = "0 3 * * *" }
  rotation               = { enabled = true }
}

override_resource {
  target = aws_sqs_queue.events[0]
  values = { arn = "arn:aws:sqs:eu-north-1:123456789012:dt-functions-events" }
}

override_resource {
  target = aws_sqs_queue.redrive[0]
  values = { arn = "arn:aws:sqs:eu-north-1:123456789012:dt-functions-redrive" }
}

override_resource {
  target = aws_sqs_queue.dead_letter
  values = { arn = "arn:aws:sqs:eu-north-1:123456789012:dt-functions-dead-letter" }
}

override_resource {
  target = aws_secretsmanager_secret.signature
  values = { arn = "arn:aws:secretsmanager:eu-north-1:123456789012:secret:signature-AbCdEf" }
}

override_resource {
  target = aws_secretsmanager_secret.service_account[0]
  values = { arn = "arn:aws:secretsmanager:eu-north-1:123456789012:secret:service-account-AbCdEf" }
}

override_resource {
  target = aws_secretsmanager_secret.forward[0]
  values = { arn = "arn:aws:secretsmanager:eu-north-1:123456789012:secret:forward-AbCdEf" }
}

override_resource {
  target = aws_cloudwatch_log_group.receive
  values = { arn = "arn:aws:logs:eu-north-1:123456789012:log-group:receive" }
}

run "each_function" {
  command = apply

  assert {
    condition = [for s in jsondecode(aws_iam_role_policy.receive[0].policy).Statement : [s.Effect, s.Action, s.Resource]] == [
      ["Allow", ["logs:CreateLogStream", "logs:PutLogEvents"], ["arn:aws:logs:eu-north-1:123456789012:log-group:receive:*"]],
      ["Allow", ["secretsmanager:GetSecretValue"], ["arn:aws:secretsmanager:eu-north-1:123456789012:secret:signature-AbCdEf"]],
      ["Allow", ["sqs:SendMessage"], ["arn:aws:sqs:eu-north-1:123456789012:dt-functions-events"]],
      ["Allow", ["sqs:SendMessage"], ["arn:aws:sqs:eu-north-1:123456789012:dt-functions-dead-letter"]],
    ]
    error_message = "receive may log, read its secret, and publish."
  }
  assert {
    condition = [for s in jsondecode(aws_iam_role_policy.job["sync"].policy).Statement : [s.Effect, s.Action, s.Resource]] == [
      ["Allow", ["logs:CreateLogStream", "logs:PutLogEvents"], ["arn:aws:logs:eu-north-1:123456789012:log-group:/aws/lambda/mock:*"]],
      ["Allow", ["secretsmanager:GetSecretValue"], ["arn:aws:secretsmanager:eu-north-1:123456789012:secret:service-account-AbCdEf"]],
    ]
    error_message = "sync may log and read the service account's secret."
  }
  assert {
    condition = [for s in jsondecode(aws_iam_role_policy.job["configure"].policy).Statement : [s.Effect, s.Action, s.Resource]] == [
      ["Allow", ["logs:CreateLogStream", "logs:PutLogEvents"], ["arn:aws:logs:eu-north-1:123456789012:log-group:/aws/lambda/mock:*"]],
      ["Allow", ["secretsmanager:GetSecretValue"], [
        "arn:aws:secretsmanager:eu-north-1:123456789012:secret:service-account-AbCdEf",
        "arn:aws:secretsmanager:eu-north-1:123456789012:secret:signature-AbCdEf",
      ]],
    ]
    error_message = "configure may log and read both secrets."
  }
  assert {
    condition = [for s in jsondecode(aws_iam_role_policy.job["recover"].policy).Statement : [s.Effect, s.Action, s.Resource]] == [
      ["Allow", ["logs:CreateLogStream", "logs:PutLogEvents"], ["arn:aws:logs:eu-north-1:123456789012:log-group:/aws/lambda/mock:*"]],
      ["Allow", ["secretsmanager:GetSecretValue"], ["arn:aws:secretsmanager:eu-north-1:123456789012:secret:service-account-AbCdEf"]],
      ["Allow", ["sqs:SendMessage"], ["arn:aws:sqs:eu-north-1:123456789012:dt-functions-events"]],
      ["Allow", ["sqs:SendMessage"], ["arn:aws:sqs:eu-north-1:123456789012:dt-functions-dead-letter"]],
      ["Allow", ["s3:GetObject", "s3:PutObject"], ["arn:aws:s3:::mock-bucket/recover/*"]],
      ["Allow", ["s3:ListBucket"], ["arn:aws:s3:::mock-bucket"]],
    ]
    error_message = "recover may log, read the service account's secret, publish, and keep its checkpoints."
  }
  assert {
    condition = [for s in jsondecode(aws_iam_role_policy.job["rotate"].policy).Statement : [s.Effect, s.Action, s.Resource]] == [
      ["Allow", ["logs:CreateLogStream", "logs:PutLogEvents"], ["arn:aws:logs:eu-north-1:123456789012:log-group:/aws/lambda/mock:*"]],
      ["Allow", ["secretsmanager:GetSecretValue"], ["arn:aws:secretsmanager:eu-north-1:123456789012:secret:service-account-AbCdEf"]],
      ["Allow", ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage"],
      ["arn:aws:secretsmanager:eu-north-1:123456789012:secret:signature-AbCdEf"]],
    ]
    error_message = "rotate may log, read the service account's secret, and change the signature secret."
  }
  assert {
    condition     = length(distinct(concat([aws_iam_role.receive[0].name], [for r in aws_iam_role.job : r.name], [for r in aws_iam_role.schedule : r.name]))) == 8
    error_message = "Each function, and each schedule, has a role of its own."
  }
  assert {
    condition     = alltrue([for r in concat([aws_iam_role.receive[0]], values(aws_iam_role.job)) : jsondecode(r.assume_role_policy).Statement == [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }]])
    error_message = "Only Lambda may take the functions' roles."
  }
  assert {
    condition = alltrue([for f, p in aws_iam_role_policy.schedule : [for s in jsondecode(p.policy).Statement : [s.Effect, s.Action, s.Resource]] == [
      ["Allow", ["lambda:InvokeFunction"], [aws_lambda_function.job[f].arn]],
    ]]) && keys(aws_iam_role_policy.schedule) == ["configure", "recover", "sync"]
    error_message = "A schedule may run its function."
  }
  assert {
    condition = alltrue([for r in aws_iam_role.schedule : [for s in jsondecode(r.assume_role_policy).Statement : [s.Principal, s.Condition]] == [[
      { Service = "scheduler.amazonaws.com" },
      { StringEquals = { "aws:SourceAccount" = "123456789012", "aws:SourceArn" = "arn:aws:scheduler:eu-north-1:123456789012:schedule-group/mock" } },
    ]]])
    error_message = "Only schedules of this group may take the schedules' roles."
  }
}

run "with_a_key_and_a_forward" {
  command = apply

  variables {
    kms_key_arn = "arn:aws:kms:eu-north-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    sink        = { urls = ["https://events.example.com/"] }
  }

  assert {
    condition = alltrue([for p in [aws_iam_role_policy.receive[0].policy, aws_iam_role_policy.job["recover"].policy] :
      [for s in jsondecode(p).Statement : [s.Action, s.Resource] if s.Sid == "Key"] == [
    [["kms:Decrypt", "kms:GenerateDataKey"], ["arn:aws:kms:eu-north-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"]]]])
    error_message = "Who publishes may use the key."
  }
  assert {
    condition = alltrue([for f in ["sync", "configure", "rotate"] :
      [for s in jsondecode(aws_iam_role_policy.job[f].policy).Statement : [s.Action, s.Resource] if s.Sid == "Key"] == [
    [["kms:Decrypt"], ["arn:aws:kms:eu-north-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"]]]])
    error_message = "Who reads secrets may decrypt with the key."
  }
  assert {
    condition     = [for s in jsondecode(aws_iam_role_policy.job["rotate"].policy).Statement : s.Action if s.Sid == "WriteKey"] == [["kms:GenerateDataKey"]]
    error_message = "Who writes secrets needs a data key."
  }
  assert {
    condition = alltrue([for p in [aws_iam_role_policy.receive[0].policy, aws_iam_role_policy.job["recover"].policy] :
    contains([for s in jsondecode(p).Statement : s.Resource if s.Sid == "ReadSecrets"][0], "arn:aws:secretsmanager:eu-north-1:123456789012:secret:forward-AbCdEf")])
    error_message = "Who forwards may read the secret that is signed with."
  }
  assert {
    condition = alltrue([for key in concat(
      [for s in [aws_secretsmanager_secret.signature, aws_secretsmanager_secret.service_account[0], aws_secretsmanager_secret.forward[0]] : s.kms_key_id],
      [for q in [aws_sqs_queue.events[0], aws_sqs_queue.redrive[0], aws_sqs_queue.dead_letter] : q.kms_master_key_id],
      [for g in concat([aws_cloudwatch_log_group.receive], values(aws_cloudwatch_log_group.job)) : g.kms_key_id],
      [for f in concat([aws_lambda_function.receive], values(aws_lambda_function.job)) : f.kms_key_arn],
      [one(one(aws_s3_bucket_server_side_encryption_configuration.checkpoint[0].rule).apply_server_side_encryption_by_default).kms_master_key_id],
    ) : key == var.kms_key_arn])
    error_message = "All that is kept is encrypted with the key."
  }
}

run "with_roles_of_ones_own" {
  command = apply

  variables {
    roles                = { receive = "arn:aws:iam::123456789012:role/mine", recover = "arn:aws:iam::123456789012:role/mine-too" }
    permissions_boundary = "arn:aws:iam::123456789012:policy/boundary"
  }

  assert {
    condition     = aws_lambda_function.receive.role == "arn:aws:iam::123456789012:role/mine" && aws_lambda_function.job["recover"].role == "arn:aws:iam::123456789012:role/mine-too"
    error_message = "Roles that are given are used."
  }
  assert {
    condition     = length(aws_iam_role.receive) == 0 && length(aws_iam_role_policy.receive) == 0 && keys(aws_iam_role.job) == ["configure", "rotate", "sync"] && keys(aws_iam_role_policy.job) == ["configure", "rotate", "sync"]
    error_message = "Where a role is given none is made."
  }
  assert {
    condition     = alltrue([for r in concat(values(aws_iam_role.job), values(aws_iam_role.schedule)) : r.permissions_boundary == var.permissions_boundary])
    error_message = "Every role has the boundary."
  }
}
