# Secrets are in Secrets Manager alone. Besides what is asserted here, no plan and no state
# of any test may have a text that begins with "planted-" but in random_password.

mock_provider "aws" {
  source = "./tests/mocks/aws"
}

mock_provider "random" {
  source = "./tests/mocks/random"
}

variables {
  archive                = "./tests/source/before.zip"
  signature_secret       = "planted-signature-0123456789"
  service_account        = { key_id = "cvinmt9aq9sc738g6eoh" }
  service_account_secret = "planted-service-account"
  connectors             = ["projects/cvinmt9aq9sc738g6eog/dataconnectors/d0a1b2c3d4e5f6g7h8i9"]
  schedules              = { sync = "0 3 * * *" }
  rotation               = { enabled = true, days = 7 }
  sink                   = { urls = ["https://events.example.com/"] }
}

override_resource {
  target = aws_secretsmanager_secret.signature
  values = { id = "signature", arn = "arn:aws:secretsmanager:eu-north-1:123456789012:secret:signature-AbCdEf" }
}

override_resource {
  target = aws_secretsmanager_secret.service_account[0]
  values = { id = "service-account", arn = "arn:aws:secretsmanager:eu-north-1:123456789012:secret:service-account-AbCdEf" }
}

override_resource {
  target = aws_secretsmanager_secret.forward[0]
  values = { id = "forward", arn = "arn:aws:secretsmanager:eu-north-1:123456789012:secret:forward-AbCdEf" }
}

run "by_reference" {
  command = apply

  assert {
    condition = { for f, function in merge({ receive = aws_lambda_function.receive }, aws_lambda_function.job) :
      f => { for k, v in function.environment[0].variables : k => split("secret:", v)[1] if strcontains(k, "SECRET") } } == {
      receive   = { DT_SIGNATURE_SECRET = "signature-AbCdEf", DT_FORWARD_SECRET = "forward-AbCdEf" }
      sync      = { DT_SERVICE_ACCOUNT_SECRET = "service-account-AbCdEf" }
      configure = { DT_SERVICE_ACCOUNT_SECRET = "service-account-AbCdEf", DT_SIGNATURE_SECRET = "signature-AbCdEf" }
      recover   = { DT_SERVICE_ACCOUNT_SECRET = "service-account-AbCdEf", DT_FORWARD_SECRET = "forward-AbCdEf" }
      rotate    = { DT_SERVICE_ACCOUNT_SECRET = "service-account-AbCdEf", DT_SIGNATURE_SECRET = "signature-AbCdEf" }
    }
    error_message = "Each function has references to the secrets that it needs, and to no other."
  }
  assert {
    condition = alltrue([for function in concat([aws_lambda_function.receive], values(aws_lambda_function.job)) :
    alltrue([for k, v in function.environment[0].variables : !strcontains(v, "planted-") && (!strcontains(k, "SECRET") || startswith(v, "aws-secretsmanager://arn:"))])])
    error_message = "No environment has a secret."
  }
  assert {
    condition     = alltrue([for v in [aws_secretsmanager_secret_version.signature, aws_secretsmanager_secret_version.service_account[0], aws_secretsmanager_secret_version.forward[0]] : v.secret_string == null && v.secret_string_wo_version == 1])
    error_message = "Secrets are written by write-only arguments."
  }
  assert {
    condition     = [for v in [aws_secretsmanager_secret_version.signature, aws_secretsmanager_secret_version.service_account[0], aws_secretsmanager_secret_version.forward[0]] : v.secret_id] == ["signature", "service-account", "forward"]
    error_message = "Each secret is written to its place."
  }
  assert {
    condition     = output.signature_secret == "aws-secretsmanager://arn:aws:secretsmanager:eu-north-1:123456789012:secret:signature-AbCdEf"
    error_message = "The output is a reference."
  }
  assert {
    condition     = random_password.signature.length == 48 && !random_password.signature.special && random_password.forward[0].length == 48 && !random_password.forward[0].special
    error_message = "Random secrets have 48 letters and digits."
  }
}

run "version_keeps_a_label" {
  command = apply

  # Without one Secrets Manager deletes it after two rotations, and Terraform would make it anew.
  assert {
    condition     = aws_secretsmanager_secret_version.signature.version_stages == toset(["AWSCURRENT", "terraform"])
    error_message = "The first version must keep a label that rotation does not take."
  }
}

run "rotation" {
  command = plan

  assert {
    condition     = [for r in aws_secretsmanager_secret_rotation.signature : [r.secret_id, r.rotation_lambda_arn, r.rotate_immediately, r.rotation_rules[0].automatically_after_days]] == [["signature", aws_lambda_function.job["rotate"].arn, false, 7]]
    error_message = "The signature secret is rotated by rotate, and by no apply."
  }
  assert {
    condition     = aws_lambda_function.job["rotate"].handler == "rotate" && aws_lambda_function.job["rotate"].timeout == 600
    error_message = "rotate waits until every receiver knows the new secret."
  }
  assert {
    condition     = aws_lambda_function.job["rotate"].environment[0].variables.DT_CONNECTORS == var.connectors[0]
    error_message = "rotate must know the connectors."
  }
}

run "again" {
  command = plan

  assert {
    condition     = aws_secretsmanager_secret_version.signature.secret_string_wo_version == 1
    error_message = "A second plan must not write secrets anew."
  }
}

run "written_anew" {
  command = plan

  variables {
    secrets_version = 2
  }

  assert {
    condition     = aws_secretsmanager_secret_version.signature.secret_string_wo_version == 2 && aws_secretsmanager_secret_version.service_account[0].secret_string_wo_version == 2
    error_message = "A raised version must write secrets anew."
  }
}

run "random" {
  command = plan

  variables {
    signature_secret = null
    rotation         = {}
  }

  assert {
    condition     = length(aws_secretsmanager_secret_rotation.signature) == 0 && !contains(keys(aws_lambda_function.job), "rotate")
    error_message = "Without a secret one is made; without rotation there is no rotate."
  }
}
