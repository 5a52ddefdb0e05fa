# The same functions as jobs, to run one now by hand, or by cron subscriptions in place of
# the app. A job costs nothing until it runs.

locals {
  # By function: the config map's settings, and the secrets that it needs.
  jobs = { for f, job in {
    sync = {
      settings = local.scheduled_settings.sync
      secrets  = ["service-account"]
    }
    configure = {
      settings = local.scheduled_settings.configure
      secrets  = ["service-account", "signature"]
    }
    recover = {
      settings = merge(local.scheduled_settings.recover, { DT_CHECKPOINT = local.checkpoint_url })
      secrets  = ["service-account", "scheduled"]
    }
  } : f => job if local.has_connectors }

  job_names = { for f in keys(local.jobs) : f => "${var.name}-${f}" }
}

resource "ibm_code_engine_config_map" "job" {
  for_each = local.jobs

  project_id = local.project_id
  name       = local.job_names[each.key]
  data       = each.value.settings
}

resource "ibm_code_engine_job" "this" {
  for_each = local.jobs

  project_id          = local.project_id
  name                = local.job_names[each.key]
  image_reference     = local.image
  image_secret        = local.image_secret
  run_arguments       = [each.key]
  run_mode            = "task"
  run_as_user         = local.user
  run_service_account = "none"

  scale_array_spec              = "0"
  scale_cpu_limit               = tostring(var.cpu)
  scale_memory_limit            = local.memory
  scale_ephemeral_storage_limit = local.storage
  # recover fetches 200,000 events in about a minute; a long outage takes longer.
  scale_max_execution_time = 3600
  # What a run did not do, the next one does.
  scale_retry_limit = 1

  run_env_variables {
    type      = "config_map_full_reference"
    reference = ibm_code_engine_config_map.job[each.key].name
  }

  dynamic "run_env_variables" {
    for_each = each.value.secrets

    content {
      type      = "secret_full_reference"
      reference = "${var.name}-${run_env_variables.value}"
    }
  }

  depends_on = [
    terraform_data.build_run, time_sleep.image_policies, ibm_cos_bucket.checkpoint,
    ibm_code_engine_secret.signature, ibm_code_engine_secret.service_account, ibm_code_engine_secret.scheduled,
  ]
}
