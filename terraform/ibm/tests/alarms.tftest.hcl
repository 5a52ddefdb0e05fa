# What is alarmed on, who is told, how long lines are kept, and the dashboard.

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


override_resource {
  target = ibm_resource_instance.logs
  values = { id = "crn:v1:bluemix:public:logs:eu-de:a/0123456789abcdef0123456789abcdef:77777777-8888-4999-8aaa-bbbbbbbbbbbb::", guid = "77777777-8888-4999-8aaa-bbbbbbbbbbbb" }
}

override_resource {
  target = ibm_resource_instance.event_notifications
  values = { id = "crn:v1:bluemix:public:event-notifications:eu-de:a/0123456789abcdef0123456789abcdef:66666666-7777-4888-8999-aaaaaaaaaaaa::", guid = "66666666-7777-4888-8999-aaaaaaaaaaaa" }
}

run "on" {
  command = apply

  variables {
    alarms = { emails = ["ops@example.com", "night@example.com"], notify = ["7", "12"], no_events_minutes = 1440, rejected = 3, slow_seconds = 2.5 }
  }

  assert {
    condition     = keys(ibm_logs_alert_definition.this) == ["connector", "dead-lettered", "error", "failed", "no-events", "not-run", "rejected", "retry", "slow"]
    error_message = "What can go wrong is alarmed on."
  }
  assert {
    condition = { for k, a in ibm_logs_alert_definition.this : k => [
      a.logs_threshold[0].condition_type, a.logs_threshold[0].rules[0].condition[0].threshold, a.logs_threshold[0].rules[0].condition[0].time_window[0].logs_time_window_specific_value, a.priority]
      } == {
      connector     = ["more_than_or_unspecified", 0, "minutes_5_or_unspecified", "p2"]
      dead-lettered = ["more_than_or_unspecified", 0, "minutes_5_or_unspecified", "p2"]
      error         = ["more_than_or_unspecified", 0, "minutes_5_or_unspecified", "p1"]
      failed        = ["more_than_or_unspecified", 0, "minutes_5_or_unspecified", "p2"]
      no-events     = ["less_than", 1, "hours_24", "p2"]
      not-run       = ["less_than", 1, "hours_2", "p2"]
      rejected      = ["more_than_or_unspecified", 2, "minutes_5_or_unspecified", "p3"]
      retry         = ["more_than_or_unspecified", 0, "minutes_5_or_unspecified", "p1"]
      slow          = ["more_than_or_unspecified", 1, "minutes_15", "p2"]
    }
    error_message = "Alarms have their thresholds and windows."
  }
  assert {
    condition = { for k, a in ibm_logs_alert_definition.this : k => trimprefix(a.logs_threshold[0].logs_filter[0].simple_filter[0].lucene_query, "app:\"codeengine\" AND label.Project:\"dt-functions\" AND ") } == {
      connector     = "message.function:\"recover\" AND message.report.status:(\"SYSTEM_DISABLED\" OR \"USER_DISABLED\")"
      dead-lettered = "message.msg:\"event\" AND message.outcome:\"dead-lettered\""
      error         = "message.msg:\"event\" AND message.outcome:\"error\""
      failed        = "message.function:(\"sync\" OR \"configure\" OR \"recover\") AND message.level:\"ERROR\""
      no-events     = "message.msg:\"event\" AND message.outcome:(\"accepted\" OR \"filtered\" OR \"duplicate\")"
      not-run       = "message.function:\"recover\""
      rejected      = "message.msg:\"event\" AND message.outcome:\"unauthorized\""
      retry         = "message.msg:\"event\" AND message.outcome:\"retry\""
      slow          = "message.msg:\"event\" AND message.latencyMs.numeric:[2500 TO *]"
    }
    error_message = "Alarms look for the lines that the program writes, in this project."
  }
  assert {
    condition     = alltrue([for a in ibm_logs_alert_definition.this : a.type == "logs_threshold" && a.enabled && a.instance_id == "77777777-8888-4999-8aaa-bbbbbbbbbbbb" && a.region == "eu-de" && startswith(a.name, "dt-functions-")])
    error_message = "Alarms are in the logs that are made."
  }
  assert {
    condition     = toset([for k, a in ibm_logs_alert_definition.this : k if length(a.logs_threshold[0].undetected_values_management) > 0]) == toset(["no-events", "not-run"])
    error_message = "Nothing at all is bad where something is missed."
  }
  assert {
    condition     = alltrue([for a in ibm_logs_alert_definition.this : [for w in a.notification_group[0].webhooks : w.integration[0].integration_id] == [7, 12]])
    error_message = "Each alarm is told to both integrations."
  }
  assert {
    condition     = [for s in ibm_en_subscription_email.alarms : [s.destination_id, s.topic_id, join(",", s.attributes[0].invited)]] == [["8ed9e5a2-0000-4000-8000-000000000003", "8ed9e5a2-0000-4000-8000-000000000001", "ops@example.com,night@example.com"]]
    error_message = "Each address is invited, by the destination that sends mails."
  }
  assert {
    condition     = [for t in ibm_en_topic.alarms : [t.instance_guid, t.sources[0].id]] == [["66666666-7777-4888-8999-aaaaaaaaaaaa", ibm_resource_instance.logs[0].id]]
    error_message = "The topic has the logs as its source."
  }
  assert {
    condition     = [for p in ibm_iam_authorization_policy.notifications : [p.source_service_name, p.source_resource_instance_id, p.target_service_name, p.target_resource_instance_id, join(",", p.roles)]] == [["logs", "77777777-8888-4999-8aaa-bbbbbbbbbbbb", "event-notifications", "66666666-7777-4888-8999-aaaaaaaaaaaa", "Event Source Manager,Viewer"]]
    error_message = "These logs may send to this instance of Event Notifications."
  }
  assert {
    condition     = output.next.notifications == "ibmcloud logs outgoing-webhook-create --service-url https://77777777-8888-4999-8aaa-bbbbbbbbbbbb.api.eu-de.logs.cloud.ibm.com --type ibm_event_notifications --name dt-functions --url null --ibm-event-notifications '{\"event_notifications_instance_id\":\"66666666-7777-4888-8999-aaaaaaaaaaaa\",\"region_id\":\"eu-de\"}'"
    error_message = "The output says how the two are connected."
  }
}

run "nobody_is_told" {
  command = apply

  assert {
    condition     = length(ibm_logs_alert_definition.this) == 9 && length(ibm_resource_instance.event_notifications) == 0 && length(ibm_en_topic.alarms) == 0 && length(ibm_iam_authorization_policy.notifications) == 0 && alltrue([for a in ibm_logs_alert_definition.this : length(a.notification_group) == 0])
    error_message = "Without addresses the alarms are there to be seen."
  }
  assert {
    condition     = strcontains(output.next.logs, "https://management.eu-de.logs-router.cloud.ibm.com/v1/tenants") && strcontains(output.next.logs, "77777777-8888-4999-8aaa-bbbbbbbbbbbb.ingress.eu-de.logs.cloud.ibm.com") && strcontains(output.next.logs, ibm_resource_instance.logs[0].id)
    error_message = "The output says how lines come to the logs."
  }
}

run "by_a_pager_alone" {
  command = plan

  variables {
    alarms = { notify = ["3"], rejected = 1, no_events_minutes = 180 }
  }

  assert {
    condition     = length(ibm_resource_instance.event_notifications) == 0 && alltrue([for a in ibm_logs_alert_definition.this : a.notification_group[0].webhooks[0].integration[0].integration_id == 3])
    error_message = "An integration of one's own needs no Event Notifications of the module's."
  }
  assert {
    condition     = ibm_logs_alert_definition.this["rejected"].logs_threshold[0].rules[0].condition[0].threshold == 0 && ibm_logs_alert_definition.this["no-events"].logs_threshold[0].rules[0].condition[0].time_window[0].logs_time_window_specific_value == "hours_4"
    error_message = "One is more than none; three hours are four, since there is no window of three."
  }
}

run "in_given_instances" {
  command = apply

  variables {
    logs                = { existing = "crn:v1:bluemix:public:logs:eu-de:a/0123456789abcdef0123456789abcdef:88888888-9999-4aaa-8bbb-cccccccccccc::", query = "label.Project:\"elsewhere\"" }
    event_notifications = "crn:v1:bluemix:public:event-notifications:us-south:a/0123456789abcdef0123456789abcdef:99999999-aaaa-4bbb-8ccc-dddddddddddd::"
    alarms              = { emails = ["ops@example.com"], notify = ["7"] }
  }

  assert {
    condition     = length(ibm_resource_instance.logs) == 0 && length(ibm_resource_instance.event_notifications) == 0 && length(ibm_iam_authorization_policy.logs_routing) == 0 && !contains(keys(output.next), "logs") && output.logs_instance == var.logs.existing
    error_message = "What is given is not made."
  }
  assert {
    condition     = alltrue([for a in ibm_logs_alert_definition.this : a.instance_id == "88888888-9999-4aaa-8bbb-cccccccccccc" && startswith(a.logs_threshold[0].logs_filter[0].simple_filter[0].lucene_query, "label.Project:\"elsewhere\" AND ")]) && ibm_logs_dashboard.this[0].instance_id == "88888888-9999-4aaa-8bbb-cccccccccccc"
    error_message = "Alarms and dashboard are in the given instance, and look where they are told to."
  }
  assert {
    condition     = ibm_en_topic.alarms[0].instance_guid == "99999999-aaaa-4bbb-8ccc-dddddddddddd" && ibm_en_topic.alarms[0].sources[0].id == var.logs.existing && strcontains(output.next.notifications, "us-south")
    error_message = "The given instance of Event Notifications tells."
  }
}

run "in_a_given_project" {
  command = plan

  variables {
    code_engine_project_id = "4e49b3e0-27a8-48d2-a784-c7ee48bb863b"
  }

  assert {
    condition     = alltrue([for a in ibm_logs_alert_definition.this : startswith(a.logs_threshold[0].logs_filter[0].simple_filter[0].lucene_query, "app:\"codeengine\" AND label.Project:\"shared-project\" AND ")])
    error_message = "Lines are looked for by the project's name."
  }
}

run "without_connectors" {
  command = plan

  variables {
    connectors = []
  }

  assert {
    condition     = keys(ibm_logs_alert_definition.this) == ["dead-lettered", "error", "no-events", "rejected", "retry", "slow"]
    error_message = "What is not there is not watched."
  }
}

run "recover_once_a_day" {
  command = plan

  variables {
    schedules = { recover = "0 3 * * *" }
  }

  assert {
    condition     = !contains(keys(ibm_logs_alert_definition.this), "not-run")
    error_message = "What runs once a day is not missed after two hours."
  }
}

run "off" {
  command = apply

  variables {
    alarms    = { enabled = false, emails = ["ops@example.com"] }
    log_level = "error"
    dashboard = false
    logs      = { enabled = false }
  }

  assert {
    condition     = length(ibm_logs_alert_definition.this) == 0 && length(ibm_logs_dashboard.this) == 0 && length(ibm_resource_instance.logs) == 0 && length(ibm_resource_instance.event_notifications) == 0 && output.logs_instance == null
    error_message = "What is off is not there."
  }
}

run "kept" {
  command = plan

  variables {
    log_retention_days = 60
  }

  assert {
    condition     = ibm_resource_instance.logs[0].parameters == tomap({ retention_period = "60" }) && ibm_resource_instance.logs[0].service == "logs" && ibm_resource_instance.logs[0].plan == "standard"
    error_message = "Lines are kept as long as was said."
  }
}

run "kept_longer" {
  command = plan

  variables {
    log_retention_days = 730
  }

  assert {
    condition     = ibm_resource_instance.logs[0].parameters == tomap({ retention_period = "90" })
    error_message = "The logs keep lines for 90 days at most."
  }
}

run "dashboard" {
  command = plan

  assert {
    condition     = [for r in ibm_logs_dashboard.this[0].layout[0].sections[0].rows : r.widgets[0].title] == ["Events by what became of them", "Time to answer, ms", "Runs of sync, configure and recover, one line a connector", "Errors"]
    error_message = "The dashboard has four charts."
  }
  assert {
    condition     = alltrue(flatten([for r in ibm_logs_dashboard.this[0].layout[0].sections[0].rows : [for q in r.widgets[0].definition[0].line_chart[0].query_definitions : startswith(q.query[0].logs[0].lucene_query[0].value, "app:\"codeengine\" AND label.Project:\"dt-functions\" AND ") && length(q.query[0].logs[0].aggregations[0].count) + length(q.query[0].logs[0].aggregations[0].percentile) == 1]]))
    error_message = "Each line of a chart counts or measures this project's lines."
  }
  assert {
    condition     = [for q in ibm_logs_dashboard.this[0].layout[0].sections[0].rows[1].widgets[0].definition[0].line_chart[0].query_definitions : q.query[0].logs[0].aggregations[0].percentile[0].percent] == [50, 99]
    error_message = "The time to answer is shown by its median and its worst hundredth."
  }
  assert {
    condition     = length(distinct(flatten([for r in ibm_logs_dashboard.this[0].layout[0].sections[0].rows : concat([r.id[0].value, r.widgets[0].id[0].value], [for q in r.widgets[0].definition[0].line_chart[0].query_definitions : q.id])]))) == 13
    error_message = "Each part has an id of its own."
  }
}
