# What is public: receive, and nothing else.

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


run "receive_alone" {
  command = apply

  variables {
    schedules = { sync = "0 3 * * *" }
  }

  assert {
    condition     = [for app in [ibm_code_engine_app.receive, ibm_code_engine_app.schedules[0]] : app.name if app.managed_domain_mappings != "local"] == ["dt-functions-receive"]
    error_message = "One app can be reached from outside."
  }
  assert {
    condition     = ibm_code_engine_app.receive.managed_domain_mappings == "local_public"
    error_message = "DT must reach receive."
  }
  assert {
    condition     = !strcontains(jsonencode(ibm_code_engine_config_map.receive.data), "DT_SCHEDULE") && !strcontains(jsonencode(ibm_code_engine_config_map.receive.data), "DT_CONNECTORS") && ibm_code_engine_app.receive.run_arguments == null
    error_message = "What is public runs no function that works on connectors."
  }
  assert {
    condition     = alltrue([for v in ibm_code_engine_app.receive.run_env_variables : !contains(["dt-functions-service-account", "dt-functions-scheduled"], coalesce(v.reference, "none"))])
    error_message = "What is public has no secret of those functions."
  }
}

run "without_connectors" {
  command = apply

  variables {
    connectors = []
  }

  assert {
    condition     = length(ibm_code_engine_app.schedules) == 0 && length(ibm_code_engine_job.this) == 0 && length(ibm_cos_bucket.checkpoint) == 0 && length(ibm_resource_instance.object_storage) == 0 && length(ibm_iam_service_id.scheduled) == 0 && length(ibm_iam_service_api_key.scheduled) == 0 && length(ibm_resource_key.checkpoint) == 0
    error_message = "Without connectors only receive is there."
  }
  assert {
    condition     = keys(output.functions) == ["receive"] && output.doctor.schedules == {}
    error_message = "The outputs say so."
  }
}

run "always_ready" {
  command = plan

  variables {
    min_instances = 2
    max_instances = 5
    cpu           = 1
  }

  assert {
    condition     = ibm_code_engine_app.receive.scale_min_instances == 2 && ibm_code_engine_app.receive.scale_initial_instances == 2 && ibm_code_engine_app.receive.scale_max_instances == 5 && ibm_code_engine_app.receive.scale_cpu_limit == "1" && ibm_code_engine_app.receive.scale_memory_limit == "2G"
    error_message = "Two instances must be ready, of the size that was said."
  }
  assert {
    condition     = ibm_code_engine_app.schedules[0].scale_min_instances == 1 && ibm_code_engine_app.schedules[0].scale_max_instances == 1
    error_message = "There is still one that keeps the time."
  }
}

run "in_a_given_project" {
  command = apply

  variables {
    code_engine_project_id = "4e49b3e0-27a8-48d2-a784-c7ee48bb863b"
    resource_group_id      = "0123456789abcdef0123456789abcdef"
    object_storage         = "crn:v1:bluemix:public:cloud-object-storage:global:a/0123456789abcdef0123456789abcdef:55555555-6666-4777-8888-999999999999::"
  }

  assert {
    condition     = length(ibm_code_engine_project.this) == 0 && length(data.ibm_resource_group.default) == 0 && length(ibm_resource_instance.object_storage) == 0
    error_message = "What is given is not made."
  }
  assert {
    condition     = alltrue([for id in concat([ibm_code_engine_app.receive.project_id, ibm_code_engine_app.schedules[0].project_id, ibm_code_engine_secret.sink.project_id, ibm_code_engine_config_map.receive.project_id], [for j in ibm_code_engine_job.this : j.project_id]) : id == var.code_engine_project_id])
    error_message = "Everything is made in the given project."
  }
  assert {
    condition     = ibm_cos_bucket.checkpoint[0].resource_instance_id == var.object_storage && ibm_resource_key.checkpoint[0].resource_instance_id == var.object_storage && ibm_resource_instance.event_streams[0].resource_group_id == var.resource_group_id
    error_message = "The bucket is in the given instance, and the rest in the given group."
  }
}
