# What variables of IBM Cloud's own refuse: one fault each.

mock_provider "ibm" {
  source = "./tests/mocks/ibm"
}

mock_provider "random" {
  source = "./tests/mocks/random"
}

mock_provider "time" {}

variables {
  region = "eu-de"
  image  = "private.de.icr.io/sensors/dt-functions:1.0.0"
}

run "region_without_code_engine" {
  command = plan

  variables {
    region = "eu-fr2"
  }

  expect_failures = [var.region]
}

run "resource_group_by_name" {
  command = plan

  variables {
    resource_group_id = "Default"
  }

  expect_failures = [var.resource_group_id]
}

run "project_by_name" {
  command = plan

  variables {
    code_engine_project_id = "sensors"
  }

  expect_failures = [var.code_engine_project_id]
}

run "sink_of_another_kind" {
  command = plan

  variables {
    sink = { kind = "kinesis" }
  }

  expect_failures = [var.sink]
}

run "sink_is_an_instance" {
  command = plan

  variables {
    sink = { existing = "crn:v1:bluemix:public:messagehub:eu-de:a/0123456789abcdef0123456789abcdef:11111111-2222-4333-8444-555555555555::" }
  }

  expect_failures = [var.sink]
}

run "sink_of_another_service" {
  command = plan

  variables {
    sink = { existing = "crn:v1:bluemix:public:mqcloud:eu-de:a/0123456789abcdef0123456789abcdef:11111111-2222-4333-8444-555555555555:topic:x" }
  }

  expect_failures = [var.sink]
}

run "sink_url_with_a_password" {
  command = plan

  variables {
    sink = { urls = ["https://user:password@events.example.com/"] }
  }

  expect_failures = [var.sink]
}

run "sink_url_without_tls" {
  command = plan

  variables {
    sink = { urls = ["http://events.example.com/"] }
  }

  expect_failures = [var.sink]
}

run "sink_url_with_a_comma" {
  command = plan

  variables {
    sink = { urls = ["https://events.example.com/a,b"] }
  }

  expect_failures = [var.sink]
}

run "sink_url_twice" {
  command = plan

  variables {
    sink = { urls = ["https://events.example.com/", "https://events.example.com/"] }
  }

  expect_failures = [var.sink]
}

run "event_streams_is_a_topic" {
  command = plan

  variables {
    event_streams = { existing = "crn:v1:bluemix:public:messagehub:eu-de:a/0123456789abcdef0123456789abcdef:11111111-2222-4333-8444-555555555555:topic:x" }
  }

  expect_failures = [var.event_streams]
}

run "event_streams_and_a_topic" {
  command = plan

  variables {
    event_streams = { existing = "crn:v1:bluemix:public:messagehub:eu-de:a/0123456789abcdef0123456789abcdef:11111111-2222-4333-8444-555555555555::" }
    sink          = { existing = "crn:v1:bluemix:public:messagehub:eu-de:a/0123456789abcdef0123456789abcdef:11111111-2222-4333-8444-555555555555:topic:x" }
  }

  expect_failures = [var.event_streams]
}

run "event_streams_plan_without_topics" {
  command = plan

  variables {
    event_streams = { plan = "lite" }
  }

  expect_failures = [var.event_streams]
}

run "no_partition" {
  command = plan

  variables {
    event_streams = { partitions = 0 }
  }

  expect_failures = [var.event_streams]
}

run "half_a_partition" {
  command = plan

  variables {
    event_streams = { partitions = 1.5 }
  }

  expect_failures = [var.event_streams]
}

run "messages_kept_too_long" {
  command = plan

  variables {
    event_streams = { retention_hours = 721 }
  }

  expect_failures = [var.event_streams]
}

run "messages_not_kept" {
  command = plan

  variables {
    event_streams = { retention_megabytes = 0 }
  }

  expect_failures = [var.event_streams]
}

run "object_storage_by_name" {
  command = plan

  variables {
    object_storage = "sensors"
  }

  expect_failures = [var.object_storage]
}

run "object_storage_of_another_service" {
  command = plan

  variables {
    object_storage = "crn:v1:bluemix:public:messagehub:eu-de:a/0123456789abcdef0123456789abcdef:11111111-2222-4333-8444-555555555555::"
  }

  expect_failures = [var.object_storage]
}

run "key_by_name" {
  command = plan

  variables {
    kms_key_crn   = "sensors"
    event_streams = { plan = "enterprise-3nodes-2tb" }
  }

  expect_failures = [var.kms_key_crn]
}

run "key_that_events_do_not_have" {
  command = plan

  variables {
    kms_key_crn = "crn:v1:bluemix:public:kms:eu-de:a/0123456789abcdef0123456789abcdef:11111111-2222-4333-8444-555555555555:key:44444444-5555-4666-8777-888888888888"
  }

  expect_failures = [var.kms_key_crn]
}

run "key_of_another_region" {
  command = plan

  variables {
    kms_key_crn   = "crn:v1:bluemix:public:kms:us-south:a/0123456789abcdef0123456789abcdef:11111111-2222-4333-8444-555555555555:key:44444444-5555-4666-8777-888888888888"
    event_streams = { plan = "enterprise-3nodes-2tb" }
  }

  expect_failures = [var.kms_key_crn]
}

run "cpu_that_is_not_there" {
  command = plan

  variables {
    cpu = 0.3
  }

  expect_failures = [var.cpu]
}

run "less_than_no_instance" {
  command = plan

  variables {
    min_instances = -1
  }

  expect_failures = [var.min_instances]
}

run "more_ready_than_at_most" {
  command = plan

  variables {
    min_instances = 3
    max_instances = 2
  }

  expect_failures = [var.min_instances]
}

run "no_instance_at_most" {
  command = plan

  variables {
    max_instances = 0
  }

  expect_failures = [var.max_instances]
}

run "logs_by_name" {
  command = plan

  variables {
    logs = { existing = "sensors" }
  }

  expect_failures = [var.logs]
}

run "logs_of_another_region" {
  command = plan

  variables {
    logs = { existing = "crn:v1:bluemix:public:logs:us-south:a/0123456789abcdef0123456789abcdef:11111111-2222-4333-8444-555555555555::" }
  }

  expect_failures = [var.logs]
}

run "logs_off_with_alarms" {
  command = plan

  variables {
    logs      = { enabled = false }
    dashboard = false
  }

  expect_failures = [var.logs]
}

run "logs_off_with_a_dashboard" {
  command = plan

  variables {
    logs   = { enabled = false }
    alarms = { enabled = false }
  }

  expect_failures = [var.logs]
}

run "logs_by_no_query" {
  command = plan

  variables {
    logs = { query = " " }
  }

  expect_failures = [var.logs]
}

run "notifications_by_name" {
  command = plan

  variables {
    event_notifications = "sensors"
    alarms              = { emails = ["ops@example.com"], notify = ["7"] }
  }

  expect_failures = [var.event_notifications]
}

run "notifications_for_nobody" {
  command = plan

  variables {
    event_notifications = "crn:v1:bluemix:public:event-notifications:eu-de:a/0123456789abcdef0123456789abcdef:11111111-2222-4333-8444-555555555555::"
  }

  expect_failures = [var.event_notifications]
}

run "image_without_a_registry" {
  command = plan

  variables {
    image = "dt-functions:1.0.0"
  }

  expect_failures = [var.image]
}

run "image_without_a_tag" {
  command = plan

  variables {
    image = "private.de.icr.io/sensors/dt-functions"
  }

  expect_failures = [var.image]
}

run "image_without_a_tag_and_a_port" {
  command = plan

  variables {
    image = "registry.example.com:5000/sensors/dt-functions"
  }

  expect_failures = [var.image]
}

run "image_that_moves" {
  command = plan

  variables {
    image = "private.de.icr.io/sensors/dt-functions:latest"
  }

  expect_failures = [var.image]
}

run "image_in_capitals" {
  command = plan

  variables {
    image = "private.de.icr.io/Sensors/dt-functions:1.0.0"
  }

  expect_failures = [var.image]
}

run "registry_as_a_url" {
  command = plan

  variables {
    image             = "registry.example.com/dt:1"
    registry          = { server = "https://registry.example.com", username = "user" }
    registry_password = "planted-registry"
  }

  expect_failures = [var.registry]
}

run "registry_without_a_user" {
  command = plan

  variables {
    image             = "registry.example.com/dt:1"
    registry          = { server = "registry.example.com", username = " " }
    registry_password = "planted-registry"
  }

  expect_failures = [var.registry]
}

run "registry_of_a_build" {
  command = plan

  variables {
    image             = null
    build             = { source_url = "https://git.example.com/dt", source_revision = "v1" }
    registry          = { server = "registry.example.com", username = "user" }
    registry_password = "planted-registry"
  }

  expect_failures = [var.registry]
}

run "no_image" {
  command = plan

  variables {
    image = null
  }

  expect_failures = [var.build]
}

run "image_and_a_build" {
  command = plan

  variables {
    build = { source_url = "https://git.example.com/dt", source_revision = "v1" }
  }

  expect_failures = [var.build]
}

run "build_with_a_password" {
  command = plan

  variables {
    image = null
    build = { source_url = "https://user:password@git.example.com/dt", source_revision = "v1" }
  }

  expect_failures = [var.build]
}

run "build_without_tls" {
  command = plan

  variables {
    image = null
    build = { source_url = "http://git.example.com/dt", source_revision = "v1" }
  }

  expect_failures = [var.build]
}

run "build_of_a_branch" {
  command = plan

  variables {
    image = null
    build = { source_url = "https://git.example.com/dt", source_revision = "main" }
  }

  expect_failures = [var.build]
}

run "build_of_a_path" {
  command = plan

  variables {
    image = null
    build = { source_url = "https://git.example.com/dt", source_revision = "feature/x" }
  }

  expect_failures = [var.build]
}

run "build_with_a_secret_of_no_project" {
  command = plan

  variables {
    image = null
    build = { source_url = "https://git.example.com/dt", source_revision = "v1", source_secret = "deploy-key" }
  }

  expect_failures = [var.build]
}

run "build_in_a_bad_namespace" {
  command = plan

  variables {
    image = null
    build = { source_url = "https://git.example.com/dt", source_revision = "v1", namespace = "DT" }
  }

  expect_failures = [var.build]
}

run "build_where_there_is_no_registry" {
  command = plan

  variables {
    region = "us-east"
    image  = null
    build  = { source_url = "https://git.example.com/dt", source_revision = "v1" }
  }

  expect_failures = [var.build]
}

run "build_of_no_size" {
  command = plan

  variables {
    image = null
    build = { source_url = "https://git.example.com/dt", source_revision = "v1", size = "huge" }
  }

  expect_failures = [var.build]
}

run "signature_secret_too_short" {
  command = plan

  variables {
    signature_secret = "planted-short"
  }

  expect_failures = [var.signature_secret]
}

run "signature_secret_with_a_space" {
  command = plan

  variables {
    signature_secret = "planted signature 0123456789"
  }

  expect_failures = [var.signature_secret]
}

run "previous_secret_too_short" {
  command = plan

  variables {
    signature_secret_previous = "planted-short"
  }

  expect_failures = [var.signature_secret_previous]
}

run "service_account_secret_with_a_space" {
  command = plan

  variables {
    service_account_secret = "planted service account"
  }

  expect_failures = [var.service_account_secret]
}

run "service_account_secret_missing" {
  command = plan

  variables {
    connectors      = ["projects/cvinmt9aq9sc738g6eog/dataconnectors/d0a1b2c3d4e5f6g7h8i9"]
    service_account = { key_id = "cvinmt9aq9sc738g6eoh" }
  }

  expect_failures = [var.service_account_secret]
}

run "registry_password_missing" {
  command = plan

  variables {
    image    = "registry.example.com/dt:1"
    registry = { server = "registry.example.com", username = "user" }
  }

  expect_failures = [var.registry_password]
}

run "registry_password_alone" {
  command = plan

  variables {
    registry_password = "planted-registry"
  }

  expect_failures = [var.registry_password]
}

run "secrets_version_of_none" {
  command = plan

  variables {
    secrets_version = 0
  }

  expect_failures = [var.secrets_version]
}

run "project_in_another_region" {
  command = plan

  variables {
    code_engine_project_id = "4e49b3e0-27a8-48d2-a784-c7ee48bb863b"
    region                 = "us-south"
  }

  expect_failures = [data.ibm_code_engine_project.given]
}

run "provider_in_another_region" {
  command = apply

  variables {
    region = "us-south"
  }

  expect_failures = [ibm_code_engine_project.this]
}

run "instance_without_brokers" {
  command = plan

  variables {
    event_streams = { existing = "crn:v1:bluemix:public:messagehub:eu-de:a/0123456789abcdef0123456789abcdef:99999999-8888-4777-8666-555555555555::" }
  }

  override_data {
    target = data.ibm_resource_instance.event_streams
    values = { extensions = {} }
  }

  expect_failures = [ibm_code_engine_secret.sink]
}

run "schedule_out_of_bounds" {
  command = plan

  variables {
    connectors             = ["projects/cvinmt9aq9sc738g6eog/dataconnectors/d0a1b2c3d4e5f6g7h8i9"]
    service_account        = { key_id = "cvinmt9aq9sc738g6eoh" }
    service_account_secret = "planted-service-account"
    schedules              = { recover = "61 * * * *" }
  }

  expect_failures = [ibm_code_engine_app.schedules]
}

run "schedule_of_each_none" {
  command = plan

  variables {
    connectors             = ["projects/cvinmt9aq9sc738g6eog/dataconnectors/d0a1b2c3d4e5f6g7h8i9"]
    service_account        = { key_id = "cvinmt9aq9sc738g6eoh" }
    service_account_secret = "planted-service-account"
    schedules              = { sync = "*/0 * * * *" }
  }

  expect_failures = [ibm_code_engine_app.schedules]
}

run "notify_is_no_number" {
  command = plan

  variables {
    alarms = { notify = ["arn:aws:sns:eu-north-1:123456789012:pager"] }
  }

  expect_failures = [ibm_logs_alert_definition.this]
}

run "emails_without_an_integration" {
  command = plan

  variables {
    alarms = { emails = ["ops@example.com"] }
  }

  expect_failures = [check.notify]
}
