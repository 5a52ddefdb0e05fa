# What is public: receive, and nothing else.

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

run "function_url" {
  command = apply

  assert {
    condition     = jsonencode([for u in aws_lambda_function_url.receive : [u.authorization_type, u.function_name, u.qualifier, u.invoke_mode]]) == jsonencode([["NONE", "dt-functions-receive", null, "BUFFERED"]])
    error_message = "One function URL, of receive, that needs no signature of AWS's."
  }
  assert {
    condition = jsonencode([for p in concat(aws_lambda_permission.url, aws_lambda_permission.url_invoke, aws_lambda_permission.http_api) :
      [p.function_name, p.action, p.principal, p.function_url_auth_type, p.invoked_via_function_url]]) == jsonencode([
      ["dt-functions-receive", "lambda:InvokeFunctionUrl", "*", "NONE", null],
      ["dt-functions-receive", "lambda:InvokeFunction", "*", null, true],
    ])
    error_message = "Everyone needs both permissions, and has the second through the URL only."
  }
  assert {
    condition     = [for p in aws_lambda_permission.rotate : [p.function_name, p.action, p.principal, p.source_arn]] == [["dt-functions-rotate", "lambda:InvokeFunction", "secretsmanager.amazonaws.com", aws_secretsmanager_secret.signature.arn]]
    error_message = "rotate may be called by Secrets Manager alone, for this secret alone."
  }
  assert {
    condition     = length(aws_apigatewayv2_api.receive) == 0
    error_message = "There is one way in."
  }
  assert {
    condition = alltrue([for b in aws_s3_bucket_public_access_block.checkpoint :
    b.block_public_acls && b.block_public_policy && b.ignore_public_acls && b.restrict_public_buckets]) && length(aws_s3_bucket_public_access_block.checkpoint) == 1
    error_message = "The bucket must not be made public."
  }
  assert {
    condition = [for p in aws_s3_bucket_policy.checkpoint : jsondecode(p.policy).Statement] == [[{
      Sid       = "OnlyTLS"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = ["arn:aws:s3:::mock-bucket", "arn:aws:s3:::mock-bucket/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]]
    error_message = "The bucket must be reached by TLS only."
  }
  assert {
    condition     = aws_s3_bucket_versioning.checkpoint[0].versioning_configuration[0].status == "Enabled" && one(one(aws_s3_bucket_server_side_encryption_configuration.checkpoint[0].rule).apply_server_side_encryption_by_default).sse_algorithm == "AES256"
    error_message = "Checkpoints have versions and are encrypted."
  }
}

run "http_api" {
  command = apply

  variables {
    endpoint = "http_api"
  }

  assert {
    condition     = output.endpoint == "https://a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com/"
    error_message = "The endpoint is the API's root."
  }
  assert {
    condition     = [for r in aws_apigatewayv2_route.receive : [r.route_key, r.target, r.authorization_type]] == [["POST /", "integrations/i1j2k3l", "NONE"]]
    error_message = "The API has one route."
  }
  assert {
    condition     = [for i in aws_apigatewayv2_integration.receive : [i.integration_type, i.payload_format_version, i.integration_uri]] == [["AWS_PROXY", "2.0", aws_lambda_function.receive.invoke_arn]]
    error_message = "The API hands requests over as they are."
  }
  assert {
    condition     = [for s in aws_apigatewayv2_stage.receive : [s.name, s.auto_deploy]] == [["$default", true]]
    error_message = "The API has one stage, without a path."
  }
  assert {
    condition = [for p in concat(aws_lambda_permission.url, aws_lambda_permission.url_invoke, aws_lambda_permission.http_api) : [p.function_name, p.action, p.principal, p.source_arn]] == [
      ["dt-functions-receive", "lambda:InvokeFunction", "apigateway.amazonaws.com", "arn:aws:execute-api:eu-north-1:123456789012:a1b2c3d4e5/*/*"],
    ]
    error_message = "Only the API may call receive."
  }
  assert {
    condition     = length(aws_lambda_function_url.receive) == 0
    error_message = "There is one way in."
  }
}

run "provisioned" {
  command = apply

  variables {
    provisioned_concurrency = 2
    reserved_concurrency    = 10
  }

  assert {
    condition     = aws_lambda_function.receive.publish && aws_lambda_function.receive.reserved_concurrent_executions == 10
    error_message = "Environments that are ready belong to a version."
  }
  assert {
    condition     = [for c in aws_lambda_provisioned_concurrency_config.receive : [c.qualifier, c.provisioned_concurrent_executions]] == [["live", 2]]
    error_message = "Two environments must be ready."
  }
  assert {
    condition     = aws_lambda_function_url.receive[0].qualifier == "live" && aws_lambda_permission.url[0].qualifier == "live" && aws_lambda_permission.url_invoke[0].qualifier == "live"
    error_message = "Requests must reach the environments that are ready."
  }
}

run "provisioned_behind_an_api" {
  command = apply

  variables {
    endpoint                = "http_api"
    provisioned_concurrency = 1
  }

  assert {
    condition     = aws_apigatewayv2_integration.receive[0].integration_uri == aws_lambda_alias.receive[0].invoke_arn && aws_lambda_permission.http_api[0].qualifier == "live"
    error_message = "Requests must reach the environments that are ready."
  }
}
