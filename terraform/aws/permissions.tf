# Statements that the functions' policies are made of: one action a resource.

locals {
  publish_statements = [
    { Sid = "Publish", Effect = "Allow", Action = [local.publish_action], Resource = [local.sink_arn] },
    { Sid = "DeadLetter", Effect = "Allow", Action = ["sqs:SendMessage"], Resource = [aws_sqs_queue.dead_letter.arn] },
  ]

  forward_secret_arns = aws_secretsmanager_secret.forward[*].arn

  # Those who publish to what is encrypted with a customer's key need a data key of it.
  publish_keys = [for key in [var.kms_key_arn, var.sink_kms_key_arn] : key if key != null]
  read_keys    = [for key in [var.kms_key_arn] : key if key != null]
}
