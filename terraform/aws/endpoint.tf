# The only thing that is public. Who may post is told by the signature, so there is no
# other authorization.

# By default: a function URL, and the two permissions that everyone needs for it.

resource "aws_lambda_function_url" "receive" {
  count = var.endpoint == "function_url" ? 1 : 0

  function_name      = aws_lambda_function.receive.function_name
  qualifier          = local.receive_qualifier
  authorization_type = "NONE"
  invoke_mode        = "BUFFERED"
}

resource "aws_lambda_permission" "url" {
  count = var.endpoint == "function_url" ? 1 : 0

  statement_id           = "dt-functions-url"
  action                 = "lambda:InvokeFunctionUrl"
  function_name          = aws_lambda_function.receive.function_name
  qualifier              = local.receive_qualifier
  principal              = "*"
  function_url_auth_type = "NONE"
}

# Through the URL only: nobody can invoke the function by AWS's API.
resource "aws_lambda_permission" "url_invoke" {
  count = var.endpoint == "function_url" ? 1 : 0

  statement_id             = "dt-functions-url-invoke"
  action                   = "lambda:InvokeFunction"
  function_name            = aws_lambda_function.receive.function_name
  qualifier                = local.receive_qualifier
  principal                = "*"
  invoked_via_function_url = true
}

# Or an HTTP API with one route.

resource "aws_apigatewayv2_api" "receive" {
  count = var.endpoint == "http_api" ? 1 : 0

  name          = local.receive
  description   = "Receives the webhooks of DT Data Connectors"
  protocol_type = "HTTP"
  tags          = local.tags
}

resource "aws_apigatewayv2_integration" "receive" {
  count = var.endpoint == "http_api" ? 1 : 0

  api_id                 = aws_apigatewayv2_api.receive[0].id
  integration_type       = "AWS_PROXY"
  integration_method     = "POST"
  integration_uri        = var.provisioned_concurrency > 0 ? aws_lambda_alias.receive[0].invoke_arn : aws_lambda_function.receive.invoke_arn
  payload_format_version = "2.0"
  timeout_milliseconds   = 10000
}

resource "aws_apigatewayv2_route" "receive" {
  count = var.endpoint == "http_api" ? 1 : 0

  api_id             = aws_apigatewayv2_api.receive[0].id
  route_key          = "POST /"
  target             = "integrations/${aws_apigatewayv2_integration.receive[0].id}"
  authorization_type = "NONE"
}

resource "aws_apigatewayv2_stage" "receive" {
  count = var.endpoint == "http_api" ? 1 : 0

  api_id      = aws_apigatewayv2_api.receive[0].id
  name        = "$default"
  auto_deploy = true
  tags        = local.tags
}

resource "aws_lambda_permission" "http_api" {
  count = var.endpoint == "http_api" ? 1 : 0

  statement_id  = "dt-functions-http-api"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.receive.function_name
  qualifier     = local.receive_qualifier
  principal     = "apigateway.amazonaws.com"
  # Any stage and route of this API, which has one.
  source_arn = "${aws_apigatewayv2_api.receive[0].execution_arn}/*/*"
}

locals {
  endpoint = one(concat(
    aws_lambda_function_url.receive[*].function_url,
    [for api in aws_apigatewayv2_api.receive : "${api.api_endpoint}/"],
  ))
}
