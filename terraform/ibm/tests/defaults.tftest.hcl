# What is made by default, and that a second plan is empty.

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
  service_account        = { key_id = "cvinmt9aq9sc738g6eoh", email = "sensors@cvinmt9aq9sc738g6eog.serviceaccount.d21s.com" }
  service_account_secret = "planted-service-account"
  connectors             = ["projects/cvinmt9aq9sc738g6eog/dataconnectors/d0a1b2c3d4e5f6g7h8i9"]
}

run "defaults" {
  command = apply

  assert {
    condition     = ibm_code_engine_project.this[0].name == "dt-functions" && ibm_code_engine_project.this[0].resource_group_id == "fedcba9876543210fedcba9876543210"
    error_message = "A project is made, in the account's default group."
  }
  assert {
    condition = [for app in [ibm_code_engine_app.receive, ibm_code_engine_app.schedules[0]] : [app.name, app.managed_domain_mappings, app.scale_min_instances, app.scale_max_instances]] == [
      ["dt-functions-receive", "local_public", 0, 10],
      ["dt-functions-schedules", "local", 1, 1],
    ]
    error_message = "receive is public and scales to nothing; schedules is one instance that is reached from within."
  }
  assert {
    condition = alltrue([for app in [ibm_code_engine_app.receive, ibm_code_engine_app.schedules[0]] :
    app.scale_cpu_limit == "0.125" && app.scale_memory_limit == "250M" && app.scale_ephemeral_storage_limit == "100M" && app.run_as_user == 65532 && app.run_service_account == "none" && app.scale_request_timeout == 10])
    error_message = "An app has the least that Code Engine gives, runs as nobody and may call nothing of Code Engine."
  }
  assert {
    condition = alltrue([for app in [ibm_code_engine_app.receive, ibm_code_engine_app.schedules[0]] :
    app.probe_readiness[0].path == "/healthz" && app.probe_liveness[0].path == "/healthz" && app.run_arguments == null && app.run_commands == null])
    error_message = "An app serves, and is asked whether it is alive."
  }
  assert {
    condition     = { for f, job in ibm_code_engine_job.this : f => [job.name, job.run_arguments[0], job.run_mode] } == { for f in ["sync", "configure", "recover"] : f => ["dt-functions-${f}", f, "task"] }
    error_message = "Each function can be run as a job."
  }
  assert {
    condition     = alltrue([for job in ibm_code_engine_job.this : job.image_reference == var.image && job.scale_retry_limit == 1 && job.scale_max_execution_time == 3600 && job.run_as_user == 65532 && job.run_service_account == "none"])
    error_message = "A job runs the same image, an hour at most, and is tried once more."
  }
  assert {
    condition     = output.endpoint == "https://dt-functions-receive.1a2b3c4d5e6f.eu-de.codeengine.appdomain.cloud/"
    error_message = "The endpoint is the app's root."
  }
  assert {
    condition     = output.functions == { for f in ["receive", "sync", "configure", "recover", "schedules"] : f => "15314cc3-85b4-4338-903f-c28cdee6d005/mock" }
    error_message = "The output functions must name what was made."
  }
  assert {
    condition     = ibm_cos_bucket.checkpoint[0].bucket_name == "dt-functions-checkpoint-k3x9q2mz" && ibm_cos_bucket.checkpoint[0].region_location == "eu-de" && ibm_cos_bucket.checkpoint[0].force_delete
    error_message = "There is a bucket for checkpoints, named apart from all others."
  }
}

run "doctor" {
  command = plan

  assert {
    condition = output.doctor == {
      version          = 1
      cloud            = "ibm"
      name             = "dt-functions"
      region           = "eu-de"
      endpoint         = output.endpoint
      sinks            = output.sinks
      dead_letter      = output.dead_letter
      connectors       = tolist(var.connectors)
      signature_secret = "ibm-code-engine://15314cc3-85b4-4338-903f-c28cdee6d005/dt-functions-signature/DT_SIGNATURE_SECRET"
      service_account = {
        key_id = "cvinmt9aq9sc738g6eoh"
        email  = "sensors@cvinmt9aq9sc738g6eog.serviceaccount.d21s.com"
        secret = "ibm-code-engine://15314cc3-85b4-4338-903f-c28cdee6d005/dt-functions-service-account/DT_SERVICE_ACCOUNT_SECRET"
      }
      functions = output.functions
      schedules = {
        configure = { id = "15314cc3-85b4-4338-903f-c28cdee6d005/mock", expression = "*/5 * * * *" }
        recover   = { id = "15314cc3-85b4-4338-903f-c28cdee6d005/mock", expression = "*/15 * * * *" }
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
    image = "private.de.icr.io/sensors/dt-functions@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  }

  assert {
    condition     = alltrue([for c in concat([ibm_code_engine_app.receive], ibm_code_engine_app.schedules, values(ibm_code_engine_job.this)) : c.image_reference == var.image])
    error_message = "A changed image must be deployed to every app and job."
  }
}
