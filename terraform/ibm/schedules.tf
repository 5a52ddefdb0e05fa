# When the functions run. The provider has no resource for Code Engine's cron subscriptions,
# so an app of one instance keeps the time itself (DT_SCHEDULE). It is reached from within
# the project alone, and there is no path that starts a function.

locals {
  schedules = "${var.name}-schedules"

  # By their settings, those of receive too: the server takes events on any app, and these
  # it refuses without a signature.
  schedules_config = merge(
    local.receive_settings, local.scheduled_settings.sync, local.scheduled_settings.configure, local.scheduled_settings.recover,
    {
      DT_CHECKPOINT = local.checkpoint_url
      DT_SCHEDULE   = join("; ", [for f, expression in local.scheduled : "${f}=${expression}"])
    },
  )

  # minute, hour, day of month, month; their least and their most
  schedule_bounds = [[0, 59], [0, 23], [1, 31], [1, 12]]

  schedule_in_bounds = { for f, expression in local.scheduled : f => alltrue(flatten([
    for i, bounds in local.schedule_bounds : [
      for n in regexall("[0-9]+", split(" ", expression)[i]) :
      tonumber(n) >= (startswith(split(" ", expression)[i], "*/") ? 1 : bounds[0]) && tonumber(n) <= bounds[1]
    ]
  ])) }
}

resource "ibm_code_engine_config_map" "schedules" {
  count = length(local.scheduled) > 0 ? 1 : 0

  project_id = local.project_id
  name       = local.schedules
  data       = local.schedules_config
}

resource "ibm_code_engine_app" "schedules" {
  count = length(local.scheduled) > 0 ? 1 : 0

  project_id              = local.project_id
  name                    = local.schedules
  image_reference         = local.image
  image_secret            = local.image_secret
  image_port              = 8080
  managed_domain_mappings = "local"
  run_as_user             = local.user
  run_service_account     = "none"

  scale_cpu_limit               = tostring(var.cpu)
  scale_memory_limit            = local.memory
  scale_ephemeral_storage_limit = local.storage
  # One, and no more: nothing else would agree on who runs a function.
  scale_min_instances      = 1
  scale_initial_instances  = 1
  scale_max_instances      = 1
  scale_concurrency        = 100
  scale_concurrency_target = 100
  scale_request_timeout    = 10

  run_env_variables {
    type      = "config_map_full_reference"
    reference = ibm_code_engine_config_map.schedules[0].name
  }

  run_env_variables {
    type      = "secret_full_reference"
    reference = ibm_code_engine_secret.signature.name
  }

  run_env_variables {
    type      = "secret_full_reference"
    reference = ibm_code_engine_secret.service_account[0].name
  }

  run_env_variables {
    type      = "secret_full_reference"
    reference = ibm_code_engine_secret.scheduled[0].name
  }

  run_env_variables {
    type  = "literal"
    name  = "REVISION"
    value = random_id.schedules[0].hex
  }

  probe_readiness {
    type              = "http"
    path              = "/healthz"
    interval          = 5
    timeout           = 2
    failure_threshold = 3
  }

  probe_liveness {
    type              = "http"
    path              = "/healthz"
    interval          = 10
    timeout           = 5
    failure_threshold = 3
  }

  timeouts {
    create = "20m"
    update = "20m"
  }

  lifecycle {
    precondition {
      condition     = alltrue(values(local.schedule_in_bounds))
      error_message = "schedules.${join(", schedules.", [for f, ok in local.schedule_in_bounds : f if !ok])} has a number that its field cannot have: minutes are 0 to 59, hours 0 to 23, days 1 to 31, months 1 to 12, and */n begins at */1."
    }
  }

  depends_on = [terraform_data.build_run, time_sleep.image_policies, ibm_iam_service_policy.scheduled, ibm_cos_bucket.checkpoint]
}
