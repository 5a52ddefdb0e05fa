# Secrets are in Code Engine's secrets alone. Besides what is asserted here, no plan and no
# state of any test may have a text that begins with "planted-" elsewhere.

mock_provider "ibm" {
  source = "./tests/mocks/ibm"
}

mock_provider "random" {
  source = "./tests/mocks/random"
}

mock_provider "time" {}


variables {
  region                 = "eu-de"
  image                  = "private.de.icr.io/sensors/dt-functions:1.0.0"
  signature_secret       = "planted-signature-0123456789"
  service_account        = { key_id = "cvinmt9aq9sc738g6eoh" }
  service_account_secret = "planted-service-account"
  connectors             = ["projects/cvinmt9aq9sc738g6eog/dataconnectors/d0a1b2c3d4e5f6g7h8i9"]
}


run "by_reference" {
  command = apply

  variables {
    sink = { urls = ["https://events.example.com/"] }
  }

  assert {
    condition = { for name, c in merge({ receive = ibm_code_engine_app.receive, schedules = ibm_code_engine_app.schedules[0] }, ibm_code_engine_job.this) :
      name => [for v in c.run_env_variables : v.reference if v.type == "secret_full_reference"] } == {
      receive   = ["dt-functions-signature", "dt-functions-sink"]
      schedules = ["dt-functions-signature", "dt-functions-service-account", "dt-functions-scheduled"]
      sync      = ["dt-functions-service-account"]
      configure = ["dt-functions-service-account", "dt-functions-signature"]
      recover   = ["dt-functions-service-account", "dt-functions-scheduled"]
    }
    error_message = "Each has references to the secrets that it needs, and to no other."
  }
  assert {
    condition = alltrue([for c in concat([ibm_code_engine_app.receive, ibm_code_engine_app.schedules[0]], values(ibm_code_engine_job.this)) :
    alltrue([for v in c.run_env_variables : v.type != "literal" || v.name == "REVISION"])])
    error_message = "No variable has its value in the app, but the one that tells of changes."
  }
  assert {
    condition = nonsensitive({ for s in [ibm_code_engine_secret.signature, ibm_code_engine_secret.sink, ibm_code_engine_secret.service_account[0], ibm_code_engine_secret.scheduled[0]] : s.name => join(" ", keys(s.data)) }) == {
      dt-functions-signature       = "DT_SIGNATURE_SECRET"
      dt-functions-sink            = "DT_DEAD_LETTER DT_FORWARD_SECRET DT_SINK"
      dt-functions-service-account = "DT_SERVICE_ACCOUNT_SECRET"
      dt-functions-scheduled       = "AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY DT_DEAD_LETTER DT_FORWARD_SECRET DT_SINK"
    }
    error_message = "Secrets are apart by their subjects."
  }
  assert {
    condition     = alltrue([for s in [ibm_code_engine_secret.signature, ibm_code_engine_secret.sink, ibm_code_engine_secret.service_account[0], ibm_code_engine_secret.scheduled[0]] : s.format == "generic" && s.project_id == "15314cc3-85b4-4338-903f-c28cdee6d005"])
    error_message = "They are generic secrets of the project."
  }
  assert {
    condition     = alltrue([for d in [ibm_code_engine_secret.signature.data, ibm_code_engine_secret.sink.data, ibm_code_engine_secret.service_account[0].data, ibm_code_engine_secret.scheduled[0].data] : issensitive(d) || alltrue([for v in values(d) : issensitive(v)])])
    error_message = "What is in them is marked sensitive."
  }
  assert {
    condition     = nonsensitive(ibm_code_engine_secret.signature.data.DT_SIGNATURE_SECRET) == nonsensitive(var.signature_secret) && nonsensitive(ibm_code_engine_secret.service_account[0].data.DT_SERVICE_ACCOUNT_SECRET) == nonsensitive(var.service_account_secret)
    error_message = "Secrets that are given are the ones that are used."
  }
  assert {
    condition     = nonsensitive(ibm_code_engine_secret.scheduled[0].data.AWS_ACCESS_KEY_ID) == "mock-access-key" && nonsensitive(ibm_code_engine_secret.scheduled[0].data.AWS_SECRET_ACCESS_KEY) == "mock-secret-key"
    error_message = "recover has the HMAC credentials of the bucket."
  }
  assert {
    condition     = output.signature_secret == "ibm-code-engine://15314cc3-85b4-4338-903f-c28cdee6d005/dt-functions-signature/DT_SIGNATURE_SECRET"
    error_message = "The output is a reference."
  }
  assert {
    condition     = random_password.signature.length == 48 && !random_password.signature.special && random_password.forward[0].length == 48 && !random_password.forward[0].special
    error_message = "Random secrets have 48 letters and digits."
  }
}

run "first" {
  command = apply

  override_resource {
    target = random_id.receive
    values = { hex = "first" }
  }
  override_resource {
    target = random_id.schedules
    values = { hex = "first" }
  }

  assert {
    condition     = alltrue([for app in [ibm_code_engine_app.receive, ibm_code_engine_app.schedules[0]] : one([for v in app.run_env_variables : v.value if v.name == "REVISION"]) == "first"])
    error_message = "Each app has a variable that tells of changes."
  }
}

run "again" {
  command = plan

  # Taken only if it is made anew.
  override_resource {
    target = random_id.receive
    values = { hex = "again" }
  }

  assert {
    condition     = one([for v in ibm_code_engine_app.receive.run_env_variables : v.value if v.name == "REVISION"]) == "first"
    error_message = "A second plan must start nothing anew."
  }
}

run "changed" {
  command = apply

  override_resource {
    target = random_id.receive
    values = { hex = "changed" }
  }
  override_resource {
    target = random_id.schedules
    values = { hex = "changed" }
  }

  variables {
    signature_secret          = "planted-signature-new-0123456789"
    signature_secret_previous = "planted-signature-0123456789"
  }

  assert {
    condition     = nonsensitive(ibm_code_engine_secret.signature.data) == tomap({ DT_SIGNATURE_SECRET = "planted-signature-new-0123456789", DT_SIGNATURE_SECRET_PREVIOUS = "planted-signature-0123456789" })
    error_message = "While a secret is changed both are accepted."
  }
  assert {
    condition     = alltrue([for app in [ibm_code_engine_app.receive, ibm_code_engine_app.schedules[0]] : one([for v in app.run_env_variables : v.value if v.name == "REVISION"]) == "changed"])
    error_message = "A changed secret must start the apps anew."
  }
}

run "changed_setting" {
  command = apply

  override_resource {
    target = random_id.receive
    values = { hex = "setting" }
  }
  override_resource {
    target = random_id.schedules
    values = { hex = "setting" }
  }

  variables {
    event_types = ["temperature"]
  }

  assert {
    condition     = alltrue([for app in [ibm_code_engine_app.receive, ibm_code_engine_app.schedules[0]] : one([for v in app.run_env_variables : v.value if v.name == "REVISION"]) == "setting"])
    error_message = "A changed setting must start the apps anew."
  }
}

run "keys_made_anew" {
  command = apply

  override_resource {
    target = ibm_iam_service_api_key.receive
    values = { apikey = "mock-new-key" }
  }
  override_resource {
    target = ibm_resource_key.checkpoint
    values = { credentials = { "cos_hmac_keys.access_key_id" = "mock-new-access", "cos_hmac_keys.secret_access_key" = "mock-new-secret" } }
  }
  override_resource {
    target = random_id.receive
    values = { hex = "keys" }
  }

  variables {
    secrets_version = 2
  }

  assert {
    condition     = strcontains(nonsensitive(ibm_code_engine_secret.sink.data.DT_SINK), "//token:mock-new-key@") && nonsensitive(ibm_code_engine_secret.scheduled[0].data.AWS_ACCESS_KEY_ID) == "mock-new-access"
    error_message = "A raised version must make the keys anew."
  }
  assert {
    condition     = one([for v in ibm_code_engine_app.receive.run_env_variables : v.value if v.name == "REVISION"]) == "keys"
    error_message = "The apps must get the new keys."
  }
}

run "random" {
  command = plan

  variables {
    signature_secret = null
    connectors       = []
  }

  assert {
    condition     = nonsensitive(ibm_code_engine_secret.signature.data) == tomap({ DT_SIGNATURE_SECRET = nonsensitive(random_password.signature.result) })
    error_message = "Without a secret one is made."
  }
  assert {
    condition     = length(ibm_code_engine_secret.service_account) == 0 && length(ibm_code_engine_secret.scheduled) == 0 && output.doctor.service_account.secret == null && output.forward_secret == null
    error_message = "Without connectors there is nothing to look after them with."
  }
}
