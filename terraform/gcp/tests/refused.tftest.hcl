# What this cloud's own variables and preconditions refuse: one fault a run.

mock_provider "google" {
  source = "./tests/mocks"
}

mock_provider "random" {
  source = "./tests/mocks"
}

mock_provider "time" {
  source = "./tests/mocks"
}

variables {
  project_id = "plant-7-iot"
  region     = "europe-north1"
  archive    = "./tests/source/before.zip"
}

run "refuses_project_id" {
  command = plan

  variables {
    project_id = "Plant 7"
  }

  expect_failures = [var.project_id]
}

run "refuses_region" {
  command = plan

  variables {
    region = "europe-north1-a"
  }

  expect_failures = [var.region]
}

run "refuses_archive" {
  command = plan

  variables {
    archive = "./dist/gcp.tar.gz"
  }

  expect_failures = [var.archive]
}

run "refuses_missing_archive" {
  command = plan

  variables {
    archive = "./tests/source/missing.zip"
  }

  expect_failures = [google_storage_bucket_object.source]
}

run "refuses_sink_kind" {
  command = plan

  variables {
    sink = { kind = "sqs" }
  }

  expect_failures = [var.sink]
}

run "refuses_sink_existing" {
  command = plan

  variables {
    sink = { existing = "my-topic" }
  }

  expect_failures = [var.sink]
}

run "refuses_sink_existing_of_none" {
  command = plan

  variables {
    sink = { kind = "none", existing = "projects/plant-7-iot/topics/mine", urls = ["https://example.com/"] }
  }

  expect_failures = [var.sink]
}

run "refuses_sink_of_nothing" {
  command = plan

  variables {
    sink = { kind = "none" }
  }

  expect_failures = [var.sink]
}

run "refuses_sink_url_without_tls" {
  command = plan

  variables {
    sink = { urls = ["http://example.com/"] }
  }

  expect_failures = [var.sink]
}

run "refuses_sink_url_with_password" {
  command = plan

  variables {
    sink = { urls = ["https://user:secret@example.com/"] }
  }

  expect_failures = [var.sink]
}

run "refuses_sink_url_with_query" {
  command = plan

  variables {
    sink = { urls = ["https://example.com/?key=secret"] }
  }

  expect_failures = [var.sink]
}

run "refuses_sink_url_twice" {
  command = plan

  variables {
    sink = { urls = ["https://example.com/", "https://example.com/"] }
  }

  expect_failures = [var.sink]
}

run "refuses_ack_deadline" {
  command = plan

  variables {
    subscription = { ack_deadline_seconds = 601 }
  }

  expect_failures = [var.subscription]
}

run "refuses_retention" {
  command = plan

  variables {
    subscription = { retention_days = 32 }
  }

  expect_failures = [var.subscription]
}

run "refuses_delivery_attempts" {
  command = plan

  variables {
    subscription = { max_delivery_attempts = 4 }
  }

  expect_failures = [var.subscription]
}

run "refuses_bigquery_without_topic" {
  command = plan

  variables {
    sink     = { kind = "none", urls = ["https://example.com/"] }
    bigquery = { enabled = true }
  }

  expect_failures = [var.bigquery]
}

run "refuses_bigquery_location" {
  command = plan

  variables {
    bigquery = { enabled = true, location = "Europe" }
  }

  expect_failures = [var.bigquery]
}

run "refuses_bigquery_expiration" {
  command = plan

  variables {
    bigquery = { enabled = true, expiration_days = 0 }
  }

  expect_failures = [var.bigquery]
}

run "refuses_min_instances" {
  command = plan

  variables {
    min_instances = -1
  }

  expect_failures = [var.min_instances]
}

run "refuses_more_instances_than_most" {
  command = plan

  variables {
    min_instances = 3
    max_instances = 2
  }

  expect_failures = [var.min_instances]
}

run "refuses_max_instances" {
  command = plan

  variables {
    max_instances = 1001
  }

  expect_failures = [var.max_instances]
}

run "refuses_kms_key_version" {
  command = plan

  variables {
    kms_key_name = "projects/plant-7-iot/locations/europe-north1/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1"
  }

  expect_failures = [var.kms_key_name]
}

run "refuses_kms_key_elsewhere" {
  command = plan

  variables {
    kms_key_name = "projects/plant-7-iot/locations/europe-west1/keyRings/r/cryptoKeys/k"
  }

  expect_failures = [var.kms_key_name]
}

run "refuses_billing_account" {
  command = plan

  variables {
    budget = { billing_account = "billingAccounts/012345-6789AB-CDEF01", amount = 50 }
  }

  expect_failures = [var.budget]
}

run "refuses_budget_amount" {
  command = plan

  variables {
    budget = { billing_account = "012345-6789AB-CDEF01", amount = 0 }
  }

  expect_failures = [var.budget]
}

run "refuses_budget_currency" {
  command = plan

  variables {
    budget = { billing_account = "012345-6789AB-CDEF01", amount = 50, currency = "euro" }
  }

  expect_failures = [var.budget]
}

run "refuses_short_signature_secret" {
  command = plan

  variables {
    signature_secret = "planted-short"
  }

  expect_failures = [var.signature_secret]
}

run "refuses_signature_secret_with_line_break" {
  command = plan

  variables {
    signature_secret = "planted-0123456789abcdef\n"
  }

  expect_failures = [var.signature_secret]
}

run "refuses_previous_version" {
  command = plan

  variables {
    signature_secret_previous_version = 0
  }

  expect_failures = [var.signature_secret_previous_version]
}

run "refuses_service_account_secret_with_space" {
  command = plan

  variables {
    service_account_secret = "planted api secret"
  }

  expect_failures = [var.service_account_secret]
}

run "refuses_service_account_secret_missing" {
  command = plan

  variables {
    connectors      = ["projects/p1/dataconnectors/c1"]
    service_account = { key_id = "abcdefgh12345678" }
  }

  expect_failures = [var.service_account_secret]
}

run "refuses_secrets_version" {
  command = plan

  variables {
    secrets_version = 0
  }

  expect_failures = [var.secrets_version]
}

run "refuses_notification_channel" {
  command = plan

  variables {
    alarms = { notify = ["someone@example.com"] }
  }

  expect_failures = [google_monitoring_alert_policy.metric]
}

run "refuses_name_that_pubsub_refuses" {
  command = plan

  variables {
    name = "goog-iot"
  }

  expect_failures = [google_pubsub_topic.dead_letter]
}

run "refuses_short_project_id" {
  command = plan

  variables {
    project_id = "plant"
  }

  expect_failures = [var.project_id]
}

run "refuses_project_number" {
  command = plan

  variables {
    project_id = "123456789012"
  }

  expect_failures = [var.project_id]
}

run "refuses_multi_region" {
  command = plan

  variables {
    region = "EU"
  }

  expect_failures = [var.region]
}

run "refuses_sink_existing_with_scheme" {
  command = plan

  variables {
    sink = { existing = "gcp-pubsub://projects/plant-7-iot/topics/mine" }
  }

  expect_failures = [var.sink]
}

run "refuses_sink_url_with_fragment" {
  command = plan

  variables {
    sink = { urls = ["https://example.com/#a"] }
  }

  expect_failures = [var.sink]
}

run "refuses_sink_url_with_space" {
  command = plan

  variables {
    sink = { urls = ["https://example.com/a b"] }
  }

  expect_failures = [var.sink]
}

run "refuses_short_ack_deadline" {
  command = plan

  variables {
    subscription = { ack_deadline_seconds = 9 }
  }

  expect_failures = [var.subscription]
}

run "refuses_broken_ack_deadline" {
  command = plan

  variables {
    subscription = { ack_deadline_seconds = 30.5 }
  }

  expect_failures = [var.subscription]
}

run "refuses_no_retention" {
  command = plan

  variables {
    subscription = { retention_days = 0, max_age_hours = -1 }
  }

  expect_failures = [var.subscription]
}

run "refuses_broken_retention" {
  command = plan

  variables {
    subscription = { retention_days = 1.5 }
  }

  expect_failures = [var.subscription]
}

run "refuses_many_delivery_attempts" {
  command = plan

  variables {
    subscription = { max_delivery_attempts = 101 }
  }

  expect_failures = [var.subscription]
}

run "refuses_broken_delivery_attempts" {
  command = plan

  variables {
    subscription = { max_delivery_attempts = 5.5 }
  }

  expect_failures = [var.subscription]
}

run "refuses_no_age" {
  command = plan

  variables {
    subscription = { max_age_hours = 0 }
  }

  expect_failures = [var.subscription]
}

run "refuses_age_beyond_retention" {
  command = plan

  variables {
    subscription = { retention_days = 1, max_age_hours = 24 }
  }

  expect_failures = [var.subscription]
}

run "refuses_bigquery_location_of_another_key" {
  command = plan

  variables {
    bigquery     = { enabled = true, location = "EU" }
    kms_key_name = "projects/plant-7-iot/locations/europe-north1/keyRings/r/cryptoKeys/k"
  }

  expect_failures = [var.bigquery]
}

run "refuses_broken_bigquery_expiration" {
  command = plan

  variables {
    bigquery = { enabled = true, expiration_days = 1.5 }
  }

  expect_failures = [var.bigquery]
}

run "refuses_broken_min_instances" {
  command = plan

  variables {
    min_instances = 0.5
  }

  expect_failures = [var.min_instances]
}

run "refuses_no_instances" {
  command = plan

  variables {
    max_instances = 0
  }

  expect_failures = [var.max_instances]
}

run "refuses_broken_max_instances" {
  command = plan

  variables {
    max_instances = 2.5
  }

  expect_failures = [var.max_instances]
}

run "refuses_broken_budget_amount" {
  command = plan

  variables {
    budget = { billing_account = "012345-6789AB-CDEF01", amount = 1.5 }
  }

  expect_failures = [var.budget]
}

run "refuses_account_of_nothing" {
  command = plan

  variables {
    service_accounts = { rotate = "rotate-1@plant-7-iot.iam.gserviceaccount.com" }
  }

  expect_failures = [var.service_accounts]
}

run "refuses_account_of_another_project" {
  command = plan

  variables {
    service_accounts = { receive = "receive@other-project-3.iam.gserviceaccount.com" }
  }

  expect_failures = [var.service_accounts]
}

run "refuses_account_that_is_none" {
  command = plan

  variables {
    service_accounts = { receive = "someone@example.com" }
  }

  expect_failures = [var.service_accounts]
}

run "refuses_account_twice" {
  command = plan

  variables {
    service_accounts = { receive = "shared@plant-7-iot.iam.gserviceaccount.com", recover = "shared@plant-7-iot.iam.gserviceaccount.com" }
  }

  expect_failures = [var.service_accounts]
}

run "refuses_signature_secret_with_space_before" {
  command = plan

  variables {
    signature_secret = " planted-0123456789abcdef"
  }

  expect_failures = [var.signature_secret]
}

run "refuses_broken_previous_version" {
  command = plan

  variables {
    signature_secret_previous_version = 1.5
  }

  expect_failures = [var.signature_secret_previous_version]
}

run "refuses_empty_service_account_secret" {
  command = plan

  variables {
    service_account_secret = ""
  }

  expect_failures = [var.service_account_secret]
}

run "refuses_broken_secrets_version" {
  command = plan

  variables {
    secrets_version = 1.5
  }

  expect_failures = [var.secrets_version]
}

run "refuses_name_that_storage_refuses" {
  command = plan

  variables {
    name = "my-google-iot"
  }

  expect_failures = [google_storage_bucket.source]
}

run "refuses_name_that_looks_like_google" {
  command = plan

  variables {
    name = "my-g00gle-iot"
  }

  expect_failures = [google_storage_bucket.source]
}

run "refuses_region_of_another_cloud" {
  command = plan

  variables {
    region = "eu-north1"
  }

  expect_failures = [var.region]
}

run "refuses_bigquery_multi_region" {
  command = plan

  variables {
    bigquery = { enabled = true, location = "eu" }
  }

  expect_failures = [var.bigquery]
}
