# What is alarmed on, and who is told. Each rule asks the logs: the program's lines are JSON,
# which the host puts into the column message as they are.

locals {
  # Lines of the function receive, and of those that run by themselves, taken apart.
  parsed       = "extend e = parse_json(extract(@'\\{.*\\}', 0, message))"
  receive_logs = "traces | where cloud_RoleName =~ '${local.app_names["receive"]}' | ${local.parsed}"
  event_logs   = "${local.receive_logs} | where tostring(e.msg) == 'event'"
  job_apps     = join(", ", [for f in keys(local.scheduled) : "'${local.app_names[f]}'"])
  job_logs     = "traces | where cloud_RoleName in~ (${local.job_apps}) | ${local.parsed}"

  # A rule looks back by one of these. Half a day is none of them, so that the query cuts a
  # day in half.
  no_events_window = {
    5   = "PT5M", 10 = "PT10M", 15 = "PT15M", 30 = "PT30M", 60 = "PT1H", 120 = "PT2H",
    180 = "PT3H", 360 = "PT6H", 720 = "P1D", 1440 = "P1D",
  }[var.alarms.no_events_minutes]

  # Those that run each day whatever the date is; others may rightly not run for weeks.
  daily = [for f, expression in local.scheduled : f if join(" ", slice(split(" ", expression), 2, 5)) == "* * *"]

  # Without a measure the lines are counted. A rule looks back further than it waits: some
  # lines come minutes late, and those that belong to the time before would be overlooked.
  query_alarms = { for a, rule in {
    no-events = {
      description = "No event has come for ${var.alarms.no_events_minutes} minutes."
      query       = "${local.event_logs} | where tostring(e.outcome) in ('accepted', 'filtered', 'duplicate') | where timestamp > ago(${var.alarms.no_events_minutes}m)"
      operator    = "LessThan", threshold = 1, window = local.no_events_window, every = lookup({ PT5M = "PT5M", PT10M = "PT10M", P1D = "PT1H" }, local.no_events_window, "PT15M"), severity = 1, measure = null, when = true
    }
    rejected = {
      description = "Events were refused: the connector signs with another secret, or somebody tries."
      query       = "${local.event_logs} | where tostring(e.outcome) == 'unauthorized' | summarize events = count() by bin(timestamp, 5m) | summarize refused = max(events)"
      operator    = "GreaterThanOrEqual", threshold = var.alarms.rejected, window = "PT15M", every = "PT5M", severity = 2, measure = "refused", when = true
    }
    error = {
      description = "Events could not be handled or stored, or the program does not start."
      query       = "${local.receive_logs} | where tostring(e.outcome) in ('error', 'retry') or tostring(e.level) == 'ERROR' or message startswith 'error:'"
      operator    = "GreaterThan", threshold = 0, window = "PT15M", every = "PT5M", severity = 1, measure = null, when = true
    }
    dead-lettered = {
      description = "Authentic events could not be handled and are in the dead-letter queue."
      query       = "traces | where cloud_RoleName in~ ('${local.app_names["receive"]}', '${local.app_names["recover"]}') | ${local.parsed} | where tostring(e.outcome) == 'dead-lettered' or (tostring(e['function']) == 'recover' and message matches regex '\"deadLettered\":[1-9]')"
      operator    = "GreaterThan", threshold = 0, window = "PT30M", every = "PT15M", severity = 2, measure = null, when = true
    }
    slow = {
      description = "One answer of a hundred takes longer than ${var.alarms.slow_seconds} s; DT gives up after 10 s."
      query       = "${local.event_logs} | summarize slowest = percentile(todouble(e.latencyMs), 99)"
      operator    = "GreaterThan", threshold = var.alarms.slow_seconds * 1000, window = "PT30M", every = "PT15M", severity = 2, measure = "slowest", when = true
    }
    failed = {
      description = "A run of ${join(", ", keys(local.scheduled))} has failed, or the program does not start."
      query       = "union (${local.job_logs} | where tostring(e.level) == 'ERROR' or message startswith 'error:' | project timestamp), (requests | where cloud_RoleName in~ (${local.job_apps}) and tostring(success) =~ 'false' | project timestamp)"
      operator    = "GreaterThan", threshold = 0, window = "PT30M", every = "PT15M", severity = 2, measure = null, when = length(local.scheduled) > 0
    }
    not-run = {
      description = "Within a day not all of ${join(", ", local.daily)} have run: did the platform learn of its timers? See README.md."
      # A daily run is a little early or late. What has begun less than a day ago has not
      # been missed yet, if anything has begun at all.
      query    = "${local.job_logs} | where tostring(e.msg) == 'run' and tostring(e['function']) in (${join(", ", [for f in local.daily : "'${f}'"])}) | summarize ran = dcountif(tostring(e['function']), timestamp > ago(26h)), since = min(timestamp) | project ran = iff(isnotnull(since) and since > ago(26h), ${length(local.daily)}, ran)"
      operator = "LessThan", threshold = length(local.daily), window = "P2D", every = "PT1H", severity = 2, measure = "ran", when = length(local.daily) > 0
    }
    connector = {
      description = "A Data Connector was found disabled."
      query       = "${local.job_logs} | where tostring(e['function']) == 'recover' and tostring(e.report.status) endswith 'DISABLED'"
      operator    = "GreaterThan", threshold = 0, window = "PT30M", every = "PT15M", severity = 2, measure = null, when = contains(keys(local.scheduled), "recover")
    }
  } : a => rule if rule.when && var.alarms.enabled }

  # What is told of a namespace, and not of the lines of the program.
  namespace_id = var.sink.kind == "queue" ? null : (local.sink_is_made
    ? one(concat(azurerm_servicebus_namespace.this[*].id, azurerm_eventhub_namespace.this[*].id))
  : join("/", slice(local.existing, 0, 9)))
  metric_alarms = { for a, rule in {
    undelivered = {
      description = "Messages are in the dead-letter queue of the Service Bus queue: its consumers could not handle them, or nobody took them in time."
      kind        = "servicebus", namespace = "Microsoft.ServiceBus/namespaces", metric = "DeadletteredMessages", aggregation = "Maximum"
      entity      = local.sink_is_made ? "events" : reverse(local.existing)[0]
    }
    throttled = {
      description = "The event hub takes no more: raise its throughput units."
      kind        = "eventhubs", namespace = "Microsoft.EventHub/namespaces", metric = "ThrottledRequests", aggregation = "Total"
      entity      = local.sink_is_made ? "events" : reverse(local.existing)[0]
    }
  } : a => rule if rule.kind == var.sink.kind && var.alarms.enabled }

  action_group_is_made = var.alarms.enabled && length(var.alarms.emails) > 0
  told                 = concat(azurerm_monitor_action_group.this[*].id, var.alarms.notify)
}

resource "azurerm_monitor_action_group" "this" {
  count = local.action_group_is_made ? 1 : 0

  name                = "${var.name}-${local.suffix}"
  short_name          = substr(replace(var.name, "-", ""), 0, 12)
  resource_group_name = local.group_name
  tags                = local.tags

  dynamic "email_receiver" {
    for_each = distinct(var.alarms.emails)

    content {
      name                    = "email-${email_receiver.key}"
      email_address           = email_receiver.value
      use_common_alert_schema = true
    }
  }
}

resource "azurerm_monitor_scheduled_query_rules_alert_v2" "this" {
  for_each = local.query_alarms

  name                = "${var.name}-${each.key}"
  display_name        = "${var.name}: ${each.key}"
  description         = each.value.description
  resource_group_name = local.group_name
  location            = local.location
  scopes              = [azurerm_application_insights.this.id]
  severity            = each.value.severity

  # The seldomer, the cheaper; but never seldomer than what is looked back on.
  window_duration         = each.value.window
  evaluation_frequency    = each.value.every
  auto_mitigation_enabled = true
  # The tables are there only when something has been logged.
  skip_query_validation = true

  criteria {
    query                   = each.value.query
    time_aggregation_method = each.value.measure == null ? "Count" : "Maximum"
    metric_measure_column   = each.value.measure
    operator                = each.value.operator
    threshold               = each.value.threshold

    failing_periods {
      minimum_failing_periods_to_trigger_alert = 1
      number_of_evaluation_periods             = 1
    }
  }

  dynamic "action" {
    for_each = local.action_group_is_made || length(var.alarms.notify) > 0 ? ["told"] : []

    content {
      action_groups = local.told
    }
  }

  tags = local.tags

  lifecycle {
    precondition {
      condition     = alltrue([for n in var.alarms.notify : can(regex("^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/[Mm]icrosoft[.][Ii]nsights/actionGroups/[^/]+$", n))])
      error_message = "alarms.notify must be resource ids of action groups."
    }
    precondition {
      condition     = length(var.alarms.notify) + (local.action_group_is_made ? 1 : 0) <= 5
      error_message = "alarms.notify may have five action groups, and four where alarms.emails are given: a rule tells no more."
    }
  }
}

resource "azurerm_monitor_metric_alert" "this" {
  for_each = local.metric_alarms

  name                = "${var.name}-${each.key}"
  description         = each.value.description
  resource_group_name = local.group_name
  scopes              = [local.namespace_id]
  severity            = 2
  frequency           = "PT5M"
  window_size         = "PT5M"
  auto_mitigate       = true

  criteria {
    metric_namespace = each.value.namespace
    metric_name      = each.value.metric
    aggregation      = each.value.aggregation
    operator         = "GreaterThan"
    threshold        = 0

    dimension {
      name     = "EntityName"
      operator = "Include"
      values   = [each.value.entity]
    }
  }

  dynamic "action" {
    # A list: the id of the group that is made is not known when planning.
    for_each = local.told

    content {
      action_group_id = action.value
    }
  }

  tags = local.tags
}
