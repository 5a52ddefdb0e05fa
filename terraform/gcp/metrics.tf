# Metrics made of the lines that receive logs, one an event.

resource "google_logging_metric" "events" {
  project     = var.project_id
  name        = "${var.name}-events"
  description = "Requests to receive, by what became of them."
  filter      = local.event_line

  label_extractors = {
    outcome = "EXTRACT(jsonPayload.outcome)"
    reason  = "EXTRACT(jsonPayload.reason)"
  }

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    unit        = "1"

    labels {
      key         = "outcome"
      value_type  = "STRING"
      description = "accepted, filtered, duplicate, dead-lettered, unauthorized, retry, error and others."
    }
    labels {
      key         = "reason"
      value_type  = "STRING"
      description = "A short code, where the outcome does not say everything."
    }
  }

  depends_on = [google_project_service.this]
}

resource "google_logging_metric" "latency" {
  project         = var.project_id
  name            = "${var.name}-latency"
  description     = "How long receive took, sink included."
  filter          = "${local.event_line} AND jsonPayload.outcome=(\"accepted\" OR \"duplicate\" OR \"dead-lettered\" OR \"retry\")"
  value_extractor = "EXTRACT(jsonPayload.latencyMs)"

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "DISTRIBUTION"
    unit        = "ms"
  }

  bucket_options {
    explicit_buckets {
      bounds = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000, 10000]
    }
  }

  depends_on = [google_project_service.this]
}
