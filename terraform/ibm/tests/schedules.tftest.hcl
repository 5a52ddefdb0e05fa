# When functions run: one app that keeps the time.

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


run "default" {
  command = apply

  assert {
    condition     = ibm_code_engine_config_map.schedules[0].data.DT_SCHEDULE == "configure=*/5 * * * *; recover=*/15 * * * *"
    error_message = "configure and recover run by default, and sync does not."
  }
  assert {
    condition     = keys(output.doctor.schedules) == ["configure", "recover"]
    error_message = "The output doctor must say what is scheduled."
  }
}

run "all" {
  command = apply

  variables {
    schedules = { sync = "30 6 * * MON-FRI", configure = "0 * * * *", recover = "*/5 * * * *" }
  }

  assert {
    condition     = ibm_code_engine_config_map.schedules[0].data.DT_SCHEDULE == "configure=0 * * * *; recover=*/5 * * * *; sync=30 6 * * MON-FRI"
    error_message = "Each function must run at its times."
  }
  assert {
    condition = output.next.schedule == join(" && ", [
      "ibmcloud target -r eu-de && ibmcloud ce project select --id 15314cc3-85b4-4338-903f-c28cdee6d005",
      "ibmcloud ce subscription cron create --name dt-functions-configure --destination-type job --destination dt-functions-configure --schedule '0 * * * *'",
      "ibmcloud ce subscription cron create --name dt-functions-recover --destination-type job --destination dt-functions-recover --schedule '*/5 * * * *'",
      "ibmcloud ce subscription cron create --name dt-functions-sync --destination-type job --destination dt-functions-sync --schedule '30 6 * * MON-FRI'",
    ])
    error_message = "The same by cron subscriptions is in an output."
  }
}

run "off" {
  command = apply

  variables {
    schedules = { sync = "off", configure = "off", recover = "off" }
  }

  assert {
    condition     = length(ibm_code_engine_app.schedules) == 0 && length(ibm_code_engine_config_map.schedules) == 0 && keys(ibm_code_engine_job.this) == ["configure", "recover", "sync"]
    error_message = "Without schedules there is no app for them, and the jobs can be run by hand."
  }
  assert {
    condition     = output.doctor.schedules == {} && output.next.run == "ibmcloud target -r eu-de && ibmcloud ce project select --id 15314cc3-85b4-4338-903f-c28cdee6d005 && ibmcloud ce jobrun submit --job dt-functions-recover"
    error_message = "The outputs say so, and how a job is run."
  }
}

run "sync_alone" {
  command = apply

  variables {
    schedules = { sync = "0 3 1,15 * *", configure = "off", recover = "off" }
  }

  assert {
    condition     = ibm_code_engine_config_map.schedules[0].data.DT_SCHEDULE == "sync=0 3 1,15 * *" && ibm_code_engine_app.schedules[0].scale_max_instances == 1
    error_message = "One function is enough for the app."
  }
}
