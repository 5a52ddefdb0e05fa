# The app that DT's requests reach: the only thing that is public. Who may post is told by
# the signature. Nothing here depends on var.connectors.

locals {
  receive        = "${var.name}-receive"
  receive_config = local.receive_settings
}

resource "ibm_code_engine_config_map" "receive" {
  project_id = local.project_id
  name       = local.receive
  data       = local.receive_config
}

resource "ibm_code_engine_app" "receive" {
  project_id              = local.project_id
  name                    = local.receive
  image_reference         = local.image
  image_secret            = local.image_secret
  image_port              = 8080
  managed_domain_mappings = "local_public"
  run_as_user             = local.user
  run_service_account     = "none"

  scale_cpu_limit               = tostring(var.cpu)
  scale_memory_limit            = local.memory
  scale_ephemeral_storage_limit = local.storage
  scale_min_instances           = var.min_instances
  scale_initial_instances       = max(1, var.min_instances)
  scale_max_instances           = var.max_instances
  scale_concurrency             = 100
  scale_concurrency_target      = 100
  # receive answers within 8 s, and DT waits 10 s.
  scale_request_timeout = 10

  run_env_variables {
    type      = "config_map_full_reference"
    reference = ibm_code_engine_config_map.receive.name
  }

  run_env_variables {
    type      = "secret_full_reference"
    reference = ibm_code_engine_secret.signature.name
  }

  run_env_variables {
    type      = "secret_full_reference"
    reference = ibm_code_engine_secret.sink.name
  }

  run_env_variables {
    type  = "literal"
    name  = "REVISION"
    value = random_id.receive.hex
  }

  # Not readyz: an instance whose sink is away still answers, with 503 and at once, which is
  # better than to let DT wait for an instance that is ready.
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

  # An image must be there, and may be pulled, before an app can be ready.
  depends_on = [terraform_data.build_run, time_sleep.image_policies, ibm_iam_service_policy.receive]
}

locals {
  endpoint = "${trimsuffix(ibm_code_engine_app.receive.endpoint, "/")}/"
}
