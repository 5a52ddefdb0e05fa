# What is told apart from the module, in the rest of the repository: the archive that is
# built, and the names that the program has for what the module asks for.

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
  project_id             = "plant-7-iot"
  region                 = "europe-north1"
  connectors             = ["projects/p1/dataconnectors/c1"]
  service_account        = { key_id = "abcdefgh12345678", email = "sa@example.com" }
  service_account_secret = "planted-api-0123456789"
  schedules              = { sync = "0 3 * * *" }
  signature_secret       = "planted-signature-0123456789abcdef"
}

run "built_archive" {
  command = plan

  assert {
    condition     = google_storage_bucket_object.source.name == "dt-functions-${substr(filesha256("../../dist/gcp.zip"), 0, 16)}.zip"
    error_message = "Without archive it is the one that make build makes."
  }
}

run "entry_points" {
  command = plan

  assert {
    condition     = strcontains(file("../../gcp/function/function.go"), "const receiveName = \"${google_cloudfunctions2_function.receive.build_config[0].entry_point}\"")
    error_message = "The program must know the entry point of receive."
  }
  assert {
    condition     = alltrue([for f, v in google_cloudfunctions2_function.scheduled : strcontains(file("../../functions/scheduled/scheduled.go"), "\"${f}\"") && v.build_config[0].entry_point == "${upper(substr(f, 0, 1))}${substr(f, 1, -1)}"])
    error_message = "The program must know the entry points of the scheduled functions."
  }
  assert {
    condition     = alltrue([for url in [local.sinks[0], local.dead_letter] : strcontains(file("../../gcp/pubsub/pubsub.go"), "Scheme = \"${split(":", url)[0]}\"")]) && strcontains(file("../../gcp/storage/storage.go"), "Scheme = \"${split(":", local.checkpoint)[0]}\"")
    error_message = "The program must know the schemes of sinks and checkpoints."
  }
  assert {
    condition     = alltrue([for f in concat([google_cloudfunctions2_function.receive], values(google_cloudfunctions2_function.scheduled)) : alltrue([for k in concat(keys(f.service_config[0].environment_variables), f.service_config[0].secret_environment_variables[*].key) : k == "GOOGLE_CLOUD_PROJECT" || strcontains(file("../../shared/settings/table.go"), "\"${k}\"")])])
    error_message = "The program must know every setting."
  }
}

# What the filters ask for is what the program writes.
run "names" {
  command = plan

  assert {
    condition     = strcontains(local.event_line, "jsonPayload.message=\"event\"") && strcontains(file("../../shared/telemetry/log.go"), "o.logger.LogAttrs(ctx, level, \"event\", attrs...)") && strcontains(file("../../gcp/function/function.go"), "Level: \"severity\", Message: \"message\"")
    error_message = "An event's line must be found by its message."
  }
  assert {
    condition = alltrue([for field in distinct(flatten([for m in regexall("jsonPayload[.]([A-Za-z.]+)", join(" ", concat(
      [google_logging_metric.events.filter, google_logging_metric.latency.filter, google_logging_metric.latency.value_extractor],
      values(google_logging_metric.events.label_extractors),
      [for p in google_monitoring_alert_policy.log : p.conditions[0].condition_matched_log[0].filter],
      ))) : split(".", m[0])])) : can(regex("\"${field}[\",]", join("", [for path in [
      "gcp/function/function.go", "shared/telemetry/log.go", "functions/scheduled/scheduled.go",
      "functions/recover/report.go", "functions/configure/configure.go", "functions/configure/diff.go",
    ] : file("../../${path}")])))])
    error_message = "Each field that is asked for must be one that is written."
  }
  assert {
    condition     = alltrue([for o in distinct([for m in regexall("\"(accepted|duplicate|dead-lettered|retry|unauthorized|error)\"", join(" ", concat([google_logging_metric.latency.filter], [for c in local.charts : c.filter], [for p in google_monitoring_alert_policy.log : p.conditions[0].condition_matched_log[0].filter]))) : m[0]]) : strcontains(file("../../shared/telemetry/receipt.go"), "= \"${o}\"")])
    error_message = "The outcomes must be those of the program."
  }
  assert {
    condition     = strcontains(google_monitoring_alert_policy.log["inactive"].conditions[0].condition_matched_log[0].filter, "jsonPayload.report.differences.path=\"status\"") && strcontains(file("../../functions/configure/diff.go"), "d.add(\"status\"")
    error_message = "A status that configure has changed must be known by its path."
  }
}
