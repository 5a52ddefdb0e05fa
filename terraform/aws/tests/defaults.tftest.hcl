# What is made by default, that receive alone is public, and that a second plan is empty.

mock_provider "aws" {
  source = "./tests/mocks/aws"
}

mock_provider "random" {
  source = "./tests/mocks/random"
}

variables {
  archive                = "./tests/source/before.zip"
  signature_secret       = "planted-signature-0123456789"
  service_account        = { key_id = "cvinmt9aq9sc738g6eoh", email = "sensors@cvinmt9aq9sc738g6eog.serviceaccount.d21s.com" }
  service_account_secret = "planted-service-account"
  connectors             = ["projects/cvinmt9aq9sc738g6eog/dataconnectors/d0a1b2c3d4e5f6g7h8i9"]
}

run "defaults" {
  command = apply

  assert {
    condition = (aws_lambda_function.receive.handler == "receive" && aws_lambda_function.receive.runtime == "provided.al2023" &&
    aws_lambda_function.receive.architectures == tolist(["arm64"]) && aws_lambda_function.receive.timeout == 10 && aws_lambda_function.receive.memory_size == 128)
    error_message = "receive must be the program for arm64, by the handler's name, with 10 s and 128 MB."
  }
  assert {
    condition     = { for f, function in aws_lambda_function.job : f => [function.handler, function.timeout] } == { configure = ["configure", 900], recover = ["recover", 900] }
    error_message = "configure and recover run by default, 900 s at most, and sync does not."
  }
  assert {
    condition     = alltrue([for f in concat([aws_lambda_function.receive], values(aws_lambda_function.job)) : f.source_code_hash == filebase64sha256("./tests/source/before.zip")])
    error_message = "A function must follow its source's hash."
  }
  assert {
    condition     = aws_lambda_function.receive.reserved_concurrent_executions == -1 && !aws_lambda_function.receive.publish && length(aws_lambda_alias.receive) == 0
    error_message = "Nothing is taken from the account's limit, and no version published, unless it is asked for."
  }
  assert {
    condition     = output.endpoint == "https://abcdefghijklmnopqrstuvwxyz012345.lambda-url.eu-north-1.on.aws/"
    error_message = "The endpoint is the function URL."
  }
  assert {
    condition     = output.sinks == ["aws-sqs://sqs.eu-north-1.amazonaws.com/123456789012/dt-functions-events"] && output.dead_letter == "aws-sqs://sqs.eu-north-1.amazonaws.com/123456789012/dt-functions-dead-letter" && output.sink_arn == aws_sqs_queue.events[0].arn
    error_message = "The sink is a queue, and dead letters have one of their own."
  }
  assert {
    condition     = keys(output.functions) == ["configure", "receive", "recover"]
    error_message = "The output functions must name what was made."
  }
  assert {
    condition     = aws_sqs_queue.dead_letter.message_retention_seconds == 1209600 && aws_sqs_queue.events[0].message_retention_seconds == 1209600 && aws_sqs_queue.redrive[0].message_retention_seconds == 1209600
    error_message = "Events are kept for 14 days."
  }
  assert {
    condition     = length(aws_sqs_queue_policy.tls) == 3 && alltrue([for p in aws_sqs_queue_policy.tls : jsondecode(p.policy).Statement[0].Effect == "Deny" && length(jsondecode(p.policy).Statement) == 1])
    error_message = "A queue's own policy only takes away."
  }
}

run "doctor" {
  command = plan

  assert {
    condition = output.doctor == {
      version          = 1
      cloud            = "aws"
      name             = "dt-functions"
      region           = "eu-north-1"
      endpoint         = output.endpoint
      sinks            = output.sinks
      dead_letter      = output.dead_letter
      connectors       = tolist(var.connectors)
      signature_secret = "aws-secretsmanager://arn:aws:secretsmanager:eu-north-1:123456789012:secret:mock-AbCdEf"
      service_account = {
        key_id = "cvinmt9aq9sc738g6eoh"
        email  = "sensors@cvinmt9aq9sc738g6eog.serviceaccount.d21s.com"
        secret = "aws-secretsmanager://arn:aws:secretsmanager:eu-north-1:123456789012:secret:mock-AbCdEf"
      }
      functions = output.functions
      schedules = {
        configure = { id = "arn:aws:scheduler:eu-north-1:123456789012:schedule/mock/mock", expression = "*/5 * * * *" }
        recover   = { id = "arn:aws:scheduler:eu-north-1:123456789012:schedule/mock/mock", expression = "*/15 * * * *" }
      }
      settings = { DT_LOG_LEVEL = "info" }
      wanted   = {}
    }
    error_message = "The output doctor must say all that dtfn doctor needs."
  }
}

run "again" {
  command = plan

  assert {
    condition     = output.endpoint == run.defaults.endpoint
    error_message = "A second plan must keep the endpoint."
  }
}

run "changed_source" {
  command = plan

  variables {
    archive = "./tests/source/after.zip"
  }

  assert {
    condition     = alltrue([for f in concat([aws_lambda_function.receive], values(aws_lambda_function.job)) : f.source_code_hash == filebase64sha256("./tests/source/after.zip")])
    error_message = "A changed source must be deployed to every function."
  }
}
