# The settings: each function has its own, as it is on every cloud.

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
  name                   = "cold-chain"
  tags                   = { team = "facilities", pilot = "" }
  event_types            = ["temperature", "touch"]
  device_types           = ["temperature"]
  projects               = ["cvinmt9aq9sc738g6eog"]
  label_selector         = "site in (oslo,bergen), !test"
  labels                 = ["name", "room=zone"]
  label_defaults         = { zone = "not known" }
  organization_id        = "cvinmt9aq9sc738g6eoi"
  connectors             = ["projects/cvinmt9aq9sc738g6eog/dataconnectors/a", "projects/cvinmt9aq9sc738g6eog/dataconnectors/b"]
  connector_config       = { status = "ACTIVE", events = ["temperature"], headers = { X-Site = "oslo" } }
  service_account        = { key_id = "cvinmt9aq9sc738g6eoh", email = "sensors@cvinmt9aq9sc738g6eog.serviceaccount.d21s.com" }
  service_account_secret = "planted-service-account"
  settings               = { DT_RECOVER_OVERLAP = "90m", DT_ALLOW_SHA1 = "true", DT_API_URL = "https://api.example.com/v2", DT_TOKEN_URL = "https://id.example.com/token" }
  log_level              = "debug"
}

run "all" {
  command = apply

  assert {
    condition = ibm_code_engine_config_map.receive.data == tomap({
      DT_EVENT_TYPES     = "temperature,touch"
      DT_DEVICE_TYPES    = "temperature"
      DT_PROJECTS        = "cvinmt9aq9sc738g6eog"
      DT_LABEL_SELECTOR  = "site in (oslo,bergen), !test"
      DT_LABELS          = "name,room=zone"
      DT_LABEL_DEFAULTS  = "zone=\"not known\""
      DT_ORGANIZATION_ID = "cvinmt9aq9sc738g6eoi"
      DT_ALLOW_SHA1      = "true"
      DT_LOG_LEVEL       = "debug"
    }) && ibm_code_engine_config_map.receive.data == tomap(output.doctor.settings)
    error_message = "receive must have its settings, and no other."
  }
  assert {
    condition = ibm_code_engine_config_map.job["sync"].data == tomap({
      DT_CONNECTORS             = "projects/cvinmt9aq9sc738g6eog/dataconnectors/a,projects/cvinmt9aq9sc738g6eog/dataconnectors/b"
      DT_SERVICE_ACCOUNT_KEY_ID = "cvinmt9aq9sc738g6eoh"
      DT_SERVICE_ACCOUNT_EMAIL  = "sensors@cvinmt9aq9sc738g6eog.serviceaccount.d21s.com"
      DT_API_URL                = "https://api.example.com/v2"
      DT_TOKEN_URL              = "https://id.example.com/token"
      DT_LOG_LEVEL              = "debug"
    })
    error_message = "sync must know the API and the connectors."
  }
  assert {
    condition     = ibm_code_engine_config_map.job["configure"].data == tomap(merge(ibm_code_engine_config_map.job["sync"].data, { DT_CONNECTOR_CONFIG = "{\"events\":[\"temperature\"],\"httpConfig\":{\"headers\":{\"X-Site\":\"oslo\"}},\"status\":\"ACTIVE\"}" }))
    error_message = "configure must know what is wanted besides."
  }
  assert {
    condition = ibm_code_engine_config_map.job["recover"].data == tomap(merge(ibm_code_engine_config_map.job["sync"].data, { for k, v in ibm_code_engine_config_map.receive.data : k => v if !contains(["DT_ORGANIZATION_ID", "DT_ALLOW_SHA1"], k) }, {
      DT_RECOVER_OVERLAP = "90m"
      DT_CHECKPOINT      = "s3://s3.eu-de.cloud-object-storage.appdomain.cloud/cold-chain-checkpoint-k3x9q2mz/recover?region=eu-de"
    }))
    error_message = "recover must handle events as receive does, and keep checkpoints."
  }
  assert {
    condition = ibm_code_engine_config_map.schedules[0].data == tomap(merge(
      ibm_code_engine_config_map.receive.data, ibm_code_engine_config_map.job["configure"].data, ibm_code_engine_config_map.job["recover"].data,
      { DT_SCHEDULE = "configure=*/5 * * * *; recover=*/15 * * * *" }
    ))
    error_message = "The app that keeps the time must have the settings of all that it runs."
  }
  assert {
    condition     = { for f in ["receive", "schedules"] : f => [for v in(f == "receive" ? ibm_code_engine_app.receive : ibm_code_engine_app.schedules[0]).run_env_variables : v.reference if v.type == "config_map_full_reference"] } == { for f in ["receive", "schedules"] : f => ["cold-chain-${f}"] }
    error_message = "Each app has its config map."
  }
  assert {
    condition     = { for f, job in ibm_code_engine_job.this : f => [for v in job.run_env_variables : v.reference if v.type == "config_map_full_reference"][0] } == { for f in ["configure", "recover", "sync"] : f => "cold-chain-${f}" }
    error_message = "Each job has its config map."
  }
  assert {
    condition     = ibm_resource_instance.event_streams[0].tags == toset(["dt-functions:cold-chain", "pilot", "team:facilities"])
    error_message = "Tags are words with a colon."
  }
  assert {
    condition     = alltrue([for name in concat([ibm_code_engine_app.receive.name, ibm_code_engine_app.schedules[0].name], [for j in ibm_code_engine_job.this : j.name]) : length(name) <= 63 && can(regex("^[a-z]([-a-z0-9]*[a-z0-9])?$", name))])
    error_message = "Names are such as Code Engine takes."
  }
  assert {
    condition     = can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", ibm_cos_bucket.checkpoint[0].bucket_name))
    error_message = "The bucket's name is such as Object Storage takes."
  }
}

run "longest_name" {
  command = plan

  variables {
    name = "abcdefghijklmnopqrst"
  }

  assert {
    condition     = length(ibm_cos_bucket.checkpoint[0].bucket_name) <= 63 && length(ibm_code_engine_app.schedules[0].name) <= 63
    error_message = "The longest name must not be too long for anything."
  }
}

run "none" {
  command = plan

  variables {
    event_types      = []
    device_types     = []
    projects         = []
    label_selector   = ""
    labels           = []
    label_defaults   = {}
    organization_id  = null
    connector_config = {}
    settings         = {}
    encoding         = "raw"
  }

  assert {
    condition     = ibm_code_engine_config_map.receive.data == tomap({ DT_ENCODING = "raw", DT_LOG_LEVEL = "debug" }) && !contains(keys(ibm_code_engine_config_map.job["configure"].data), "DT_CONNECTOR_CONFIG")
    error_message = "What is not said is not set."
  }
}
