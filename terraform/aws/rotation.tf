# Secrets Manager changes the signature secret, by the function rotate.

resource "aws_lambda_permission" "rotate" {
  count = local.rotates ? 1 : 0

  statement_id  = "dt-functions-rotate"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.job["rotate"].function_name
  principal     = "secretsmanager.amazonaws.com"
  source_arn    = aws_secretsmanager_secret.signature.arn
}

resource "aws_secretsmanager_secret_rotation" "signature" {
  count = local.rotates ? 1 : 0

  secret_id           = aws_secretsmanager_secret.signature.id
  rotation_lambda_arn = aws_lambda_function.job["rotate"].arn
  # Otherwise each change of days would rotate, and two in a day could refuse events.
  rotate_immediately = false

  rotation_rules {
    automatically_after_days = var.rotation.days
  }

  # It can only begin when there is a secret, and when it may call the function.
  depends_on = [aws_secretsmanager_secret_version.signature, aws_lambda_permission.rotate, aws_iam_role_policy.job]
}
