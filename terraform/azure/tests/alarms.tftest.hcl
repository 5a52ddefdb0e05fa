# What is alarmed on, and who is told; the workbook and the budget.

mock_provider "azurerm" {
  source = "./tests/mocks/azurerm"
}

mock_provider "random" {
  source = "./tests/mocks/random"
}

mock_provider "time" {
  source = "./tests/mocks/time"
}

variables {
  location               = "norwayeast"
  archive                = "./tests/source/before.zip"
  signature_secret       = "planted-signature-0123456789"
  service_account        = { key_id = "cvinmt9aq9sc738g6eoh", email = "sensors@cvinmt9aq9sc738g6eog.serviceaccount.d21s.com" }
  service_account_secret = "planted-service-account"
  connectors             = ["projects/cvinmt9aq9sc738g6eog/dataconnectors/d0a1b2c3d4e5f6g7h8i9"]
  # The apply would run az.
  sync_timers = false
}

run "on" {
  command = apply

  variables {
    alarms = { emails = ["ops@example.com"], notify = ["/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/own/providers/Microsoft.Insights/actionGroups/pager"], no_events_minutes = 120, rejected = 3, slow_seconds = 2.5 }
  }

  assert {
    condition     = keys(azurerm_monitor_scheduled_query_rules_alert_v2.this) == ["connector", "dead-lettered", "error", "failed", "no-events", "not-run", "rejected", "slow"] && length(azurerm_monitor_metric_alert.this) == 0
    error_message = "What can go wrong is alarmed on."
  }
  assert {
    condition = { for a, r in azurerm_monitor_scheduled_query_rules_alert_v2.this : a => [r.criteria[0].time_aggregation_method, r.criteria[0].operator, tostring(r.criteria[0].threshold), r.window_duration, r.evaluation_frequency] } == {
      connector     = ["Count", "GreaterThan", "0", "PT30M", "PT15M"]
      dead-lettered = ["Count", "GreaterThan", "0", "PT30M", "PT15M"]
      error         = ["Count", "GreaterThan", "0", "PT15M", "PT5M"]
      failed        = ["Count", "GreaterThan", "0", "PT30M", "PT15M"]
      no-events     = ["Count", "LessThan", "1", "PT2H", "PT15M"]
      not-run       = ["Maximum", "LessThan", "2", "P2D", "PT1H"]
      rejected      = ["Maximum", "GreaterThanOrEqual", "3", "PT15M", "PT5M"]
      slow          = ["Maximum", "GreaterThan", "2500", "PT30M", "PT15M"]
    }
    error_message = "Nothing at all is bad for the events and the runs alone."
  }
  # Each begins with the lines of its apps, taken apart; what follows is here.
  assert {
    condition = { for a, r in azurerm_monitor_scheduled_query_rules_alert_v2.this : a => split(" | extend e = parse_json(extract(@'\\{.*\\}', 0, message)) | ", r.criteria[0].query)[0] } == {
      connector     = "traces | where cloud_RoleName in~ ('dt-functions-configure-a1b2c3d4', 'dt-functions-recover-a1b2c3d4')"
      dead-lettered = "traces | where cloud_RoleName in~ ('dt-functions-receive-a1b2c3d4', 'dt-functions-recover-a1b2c3d4')"
      error         = "traces | where cloud_RoleName =~ 'dt-functions-receive-a1b2c3d4'"
      failed        = "union (traces | where cloud_RoleName in~ ('dt-functions-configure-a1b2c3d4', 'dt-functions-recover-a1b2c3d4')"
      no-events     = "traces | where cloud_RoleName =~ 'dt-functions-receive-a1b2c3d4'"
      not-run       = "traces | where cloud_RoleName in~ ('dt-functions-configure-a1b2c3d4', 'dt-functions-recover-a1b2c3d4')"
      rejected      = "traces | where cloud_RoleName =~ 'dt-functions-receive-a1b2c3d4'"
      slow          = "traces | where cloud_RoleName =~ 'dt-functions-receive-a1b2c3d4'"
    }
    error_message = "The rules read the program's lines, of the apps in question."
  }
  assert {
    condition = { for a, r in azurerm_monitor_scheduled_query_rules_alert_v2.this : a => split(" | extend e = parse_json(extract(@'\\{.*\\}', 0, message)) | ", r.criteria[0].query)[1] } == {
      connector     = "where tostring(e['function']) == 'recover' and tostring(e.report.status) endswith 'DISABLED'"
      dead-lettered = "where tostring(e.outcome) == 'dead-lettered' or (tostring(e['function']) == 'recover' and message matches regex '\"deadLettered\":[1-9]')"
      error         = "where tostring(e.outcome) in ('error', 'retry') or tostring(e.level) == 'ERROR' or message startswith 'error:'"
      failed        = "where tostring(e.level) == 'ERROR' or message startswith 'error:' | project timestamp), (requests | where cloud_RoleName in~ ('dt-functions-configure-a1b2c3d4', 'dt-functions-recover-a1b2c3d4') and tostring(success) =~ 'false' | project timestamp)"
      no-events     = "where tostring(e.msg) == 'event' | where tostring(e.outcome) in ('accepted', 'filtered', 'duplicate') | where timestamp > ago(120m)"
      not-run       = "where tostring(e.msg) == 'run' and tostring(e['function']) in ('configure', 'recover') | summarize ran = dcountif(tostring(e['function']), timestamp > ago(26h)), since = min(timestamp) | project ran = iff(isnotnull(since) and since > ago(26h), 2, ran)"
      rejected      = "where tostring(e.msg) == 'event' | where tostring(e.outcome) == 'unauthorized' | summarize events = count() by bin(timestamp, 5m) | summarize refused = max(events)"
      slow          = "where tostring(e.msg) == 'event' | summarize slowest = percentile(todouble(e.latencyMs), 99)"
    }
    error_message = "The rules must find what they are about: the names are those of shared/telemetry and functions/recover."
  }
  assert {
    condition     = alltrue([for a, m in { slow = "slowest", not-run = "ran", rejected = "refused" } : azurerm_monitor_scheduled_query_rules_alert_v2.this[a].criteria[0].metric_measure_column == m && can(regex("[|] (summarize|project) ${m} = [^|]*$", azurerm_monitor_scheduled_query_rules_alert_v2.this[a].criteria[0].query))])
    error_message = "What is measured is in the answer."
  }
  assert {
    condition     = alltrue([for r in azurerm_monitor_scheduled_query_rules_alert_v2.this : r.action[0].action_groups == tolist([azurerm_monitor_action_group.this[0].id, var.alarms.notify[0]]) && r.auto_mitigation_enabled && one(r.scopes) == azurerm_application_insights.this.id])
    error_message = "The e-mail addresses and the group are told, also when it is over."
  }
  assert {
    condition     = [for e in azurerm_monitor_action_group.this[0].email_receiver : e.email_address] == ["ops@example.com"] && output.action_group_id == azurerm_monitor_action_group.this[0].id
    error_message = "Each address is told."
  }
  assert {
    condition     = azurerm_application_insights_workbook.this[0].source_id == lower(azurerm_application_insights.this.id) && length(jsondecode(azurerm_application_insights_workbook.this[0].data_json).items) == 7
    error_message = "There is a workbook."
  }
}

run "nobody_is_told" {
  command = plan

  assert {
    condition     = length(azurerm_monitor_scheduled_query_rules_alert_v2.this) == 8 && length(azurerm_monitor_action_group.this) == 0 && output.action_group_id == null && alltrue([for r in azurerm_monitor_scheduled_query_rules_alert_v2.this : length(r.action) == 0])
    error_message = "Without addresses the alarms are there to be seen."
  }
}

# Of half a day there is no window.
run "half_a_day" {
  command = plan

  variables {
    alarms = { no_events_minutes = 720 }
  }

  assert {
    condition     = azurerm_monitor_scheduled_query_rules_alert_v2.this["no-events"].window_duration == "P1D" && azurerm_monitor_scheduled_query_rules_alert_v2.this["no-events"].evaluation_frequency == "PT1H" && endswith(azurerm_monitor_scheduled_query_rules_alert_v2.this["no-events"].criteria[0].query, "where timestamp > ago(720m)")
    error_message = "Half a day is cut from a day."
  }
}

run "windows" {
  command = plan

  variables {
    alarms = { no_events_minutes = 10 }
  }

  assert {
    condition     = azurerm_monitor_scheduled_query_rules_alert_v2.this["no-events"].window_duration == "PT10M" && azurerm_monitor_scheduled_query_rules_alert_v2.this["no-events"].evaluation_frequency == "PT10M"
    error_message = "A rule is asked no seldomer than what it looks back on."
  }
}

run "receive_alone" {
  command = plan

  variables {
    connectors = []
  }

  assert {
    condition     = keys(azurerm_monitor_scheduled_query_rules_alert_v2.this) == ["dead-lettered", "error", "no-events", "rejected", "slow"]
    error_message = "What is not there is not watched."
  }
}

run "not_daily" {
  command = plan

  variables {
    schedules = { sync = "0 3 * * MON", configure = "off", recover = "*/15 * * * *" }
  }

  assert {
    condition     = azurerm_monitor_scheduled_query_rules_alert_v2.this["not-run"].criteria[0].threshold == 1 && strcontains(azurerm_monitor_scheduled_query_rules_alert_v2.this["not-run"].criteria[0].query, "in ('recover')")
    error_message = "What does not run daily is not missed daily."
  }
}

run "of_servicebus" {
  command = plan

  variables {
    sink = { kind = "servicebus" }
  }

  assert {
    condition     = [for a, r in azurerm_monitor_metric_alert.this : [a, one(r.criteria).metric_namespace, one(r.criteria).metric_name, one(r.criteria).aggregation, one(one(r.criteria).dimension).name, one(one(one(r.criteria).dimension).values)]] == [["undelivered", "Microsoft.ServiceBus/namespaces", "DeadletteredMessages", "Maximum", "EntityName", "events"]]
    error_message = "What the queue's consumers could not handle is alarmed on."
  }
}

run "of_eventhubs" {
  command = plan

  variables {
    sink = { kind = "eventhubs" }
  }

  assert {
    condition     = [for a, r in azurerm_monitor_metric_alert.this : [a, one(r.criteria).metric_namespace, one(r.criteria).metric_name, one(r.criteria).aggregation]] == [["throttled", "Microsoft.EventHub/namespaces", "ThrottledRequests", "Total"]]
    error_message = "A hub that takes no more is alarmed on."
  }
}

run "off" {
  command = apply

  variables {
    alarms    = { enabled = false, emails = ["ops@example.com"] }
    log_level = "error"
    dashboard = false
    sink      = { kind = "servicebus" }
  }

  assert {
    condition     = length(azurerm_monitor_scheduled_query_rules_alert_v2.this) == 0 && length(azurerm_monitor_metric_alert.this) == 0 && length(azurerm_monitor_action_group.this) == 0 && length(azurerm_application_insights_workbook.this) == 0 && length(azurerm_consumption_budget_resource_group.this) == 0
    error_message = "What is off is not there."
  }
}

run "budget" {
  command = apply

  variables {
    alarms = { emails = ["ops@example.com"] }
    budget = 25
  }

  assert {
    condition     = azurerm_consumption_budget_resource_group.this[0].amount == 25 && azurerm_consumption_budget_resource_group.this[0].time_grain == "Monthly" && azurerm_consumption_budget_resource_group.this[0].time_period[0].start_date == "2026-03-01T00:00:00Z"
    error_message = "The budget begins with the month in which it is made."
  }
  assert {
    condition     = { for n in azurerm_consumption_budget_resource_group.this[0].notification : n.threshold_type => [tostring(n.threshold), one(n.contact_emails)] } == { Actual = ["80", "ops@example.com"], Forecasted = ["100", "ops@example.com"] }
    error_message = "It tells at 80 %, and when all is forecast."
  }
}
