# Ids as AWS makes them: the real provider checks some of them even where it is mocked.

mock_data "aws_caller_identity" {
  defaults = { account_id = "123456789012", id = "123456789012", arn = "arn:aws:iam::123456789012:user/test", user_id = "AIDACKCEVSQ6C2EXAMPLE" }
}

mock_data "aws_partition" {
  defaults = { partition = "aws", id = "aws", dns_suffix = "amazonaws.com", reverse_dns_prefix = "com.amazonaws" }
}

mock_data "aws_region" {
  defaults = { region = "eu-north-1", id = "eu-north-1", name = "eu-north-1", description = "Europe (Stockholm)", endpoint = "ec2.eu-north-1.amazonaws.com" }
}

mock_resource "aws_apigatewayv2_api" {
  defaults = {
    id            = "a1b2c3d4e5"
    arn           = "arn:aws:apigateway:eu-north-1::/apis/a1b2c3d4e5"
    api_endpoint  = "https://a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com"
    execution_arn = "arn:aws:execute-api:eu-north-1:123456789012:a1b2c3d4e5"
  }
}

mock_resource "aws_apigatewayv2_integration" {
  defaults = { id = "i1j2k3l" }
}

mock_resource "aws_apigatewayv2_stage" {
  defaults = { id = "$default", arn = "arn:aws:apigateway:eu-north-1::/apis/a1b2c3d4e5/stages/$default" }
}

mock_resource "aws_cloudwatch_event_bus" {
  defaults = { arn = "arn:aws:events:eu-north-1:123456789012:event-bus/mock" }
}

mock_resource "aws_cloudwatch_event_rule" {
  defaults = { arn = "arn:aws:events:eu-north-1:123456789012:rule/mock/mock" }
}

mock_resource "aws_cloudwatch_log_group" {
  defaults = { arn = "arn:aws:logs:eu-north-1:123456789012:log-group:/aws/lambda/mock" }
}

mock_resource "aws_iam_role" {
  defaults = { arn = "arn:aws:iam::123456789012:role/mock" }
}

mock_resource "aws_kinesis_stream" {
  defaults = { arn = "arn:aws:kinesis:eu-north-1:123456789012:stream/mock" }
}

mock_resource "aws_lambda_alias" {
  defaults = {
    arn        = "arn:aws:lambda:eu-north-1:123456789012:function:mock:live"
    invoke_arn = "arn:aws:apigateway:eu-north-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-north-1:123456789012:function:mock:live/invocations"
  }
}

mock_resource "aws_lambda_function" {
  defaults = {
    arn           = "arn:aws:lambda:eu-north-1:123456789012:function:mock"
    qualified_arn = "arn:aws:lambda:eu-north-1:123456789012:function:mock:1"
    invoke_arn    = "arn:aws:apigateway:eu-north-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-north-1:123456789012:function:mock/invocations"
    version       = "1"
  }
}

mock_resource "aws_lambda_function_url" {
  defaults = { function_url = "https://abcdefghijklmnopqrstuvwxyz012345.lambda-url.eu-north-1.on.aws/" }
}

mock_resource "aws_s3_bucket" {
  defaults = { id = "mock-bucket", arn = "arn:aws:s3:::mock-bucket" }
}

mock_resource "aws_scheduler_schedule" {
  defaults = { arn = "arn:aws:scheduler:eu-north-1:123456789012:schedule/mock/mock" }
}

mock_resource "aws_scheduler_schedule_group" {
  defaults = { arn = "arn:aws:scheduler:eu-north-1:123456789012:schedule-group/mock" }
}

mock_resource "aws_secretsmanager_secret" {
  defaults = {
    id  = "arn:aws:secretsmanager:eu-north-1:123456789012:secret:mock-AbCdEf"
    arn = "arn:aws:secretsmanager:eu-north-1:123456789012:secret:mock-AbCdEf"
  }
}

mock_resource "aws_sns_topic" {
  defaults = { id = "arn:aws:sns:eu-north-1:123456789012:mock", arn = "arn:aws:sns:eu-north-1:123456789012:mock" }
}

mock_resource "aws_sqs_queue" {
  defaults = {
    id  = "https://sqs.eu-north-1.amazonaws.com/123456789012/mock"
    url = "https://sqs.eu-north-1.amazonaws.com/123456789012/mock"
    arn = "arn:aws:sqs:eu-north-1:123456789012:mock"
  }
}
