# What Google would answer, in forms that the real provider takes too.

mock_resource "google_cloudfunctions2_function" {
  defaults = {
    id = "projects/plant-7-iot/locations/europe-north1/functions/mocked"
    service_config = {
      uri = "https://mocked-abcdefghij-lz.a.run.app"
    }
  }
}

mock_resource "google_service_account" {
  defaults = {
    id    = "projects/plant-7-iot/serviceAccounts/mocked@plant-7-iot.iam.gserviceaccount.com"
    email = "mocked@plant-7-iot.iam.gserviceaccount.com"
  }
}

mock_resource "google_storage_bucket" {
  defaults = {
    project_number = 123456789012
  }
}

mock_resource "google_storage_bucket_object" {
  defaults = {
    generation = 1767225600000000
  }
}

mock_resource "google_artifact_registry_repository" {
  defaults = {
    id = "projects/plant-7-iot/locations/europe-north1/repositories/mocked"
  }
}

mock_resource "google_secret_manager_secret" {
  defaults = {
    id = "projects/plant-7-iot/secrets/mocked"
  }
}

mock_resource "google_secret_manager_secret_version" {
  defaults = {
    id      = "projects/123456789012/secrets/mocked/versions/7"
    version = "7"
  }
}

mock_resource "google_pubsub_topic" {
  defaults = {
    id = "projects/plant-7-iot/topics/mocked"
  }
}

mock_resource "google_cloud_scheduler_job" {
  defaults = {
    id = "projects/plant-7-iot/locations/europe-north1/jobs/mocked"
  }
}

mock_resource "google_monitoring_notification_channel" {
  defaults = {
    name = "projects/plant-7-iot/notificationChannels/1234567890123456789"
  }
}

mock_resource "google_logging_project_sink" {
  defaults = {
    writer_identity = "serviceAccount:service-123456789012@gcp-sa-logging.iam.gserviceaccount.com"
  }
}
