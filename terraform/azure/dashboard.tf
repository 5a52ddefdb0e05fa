# A workbook: what came, how fast, and what went wrong.

resource "random_uuid" "dashboard" {
  count = var.dashboard ? 1 : 0
}

locals {
  charts = concat([
    { title = "Events by outcome", visualization = "barchart", query = "${local.event_logs} | summarize events = sum(itemCount) by outcome = tostring(e.outcome), bin(timestamp, {TimeRange:grain})" },
    { title = "Events by type", visualization = "barchart", query = "${local.event_logs} | where isnotempty(e.eventType) | summarize events = sum(itemCount) by type = tostring(e.eventType), bin(timestamp, {TimeRange:grain})" },
    { title = "Time of an answer in milliseconds", visualization = "timechart", query = "${local.event_logs} | summarize median = percentile(todouble(e.latencyMs), 50), p99 = percentile(todouble(e.latencyMs), 99), most = max(todouble(e.latencyMs)) by bin(timestamp, {TimeRange:grain})" },
    { title = "What was refused, and why", visualization = "table", query = "${local.event_logs} | where tostring(e.outcome) !in ('accepted', 'filtered', 'duplicate') | summarize events = sum(itemCount), newest = max(timestamp) by outcome = tostring(e.outcome), reason = tostring(e.reason) | order by newest desc" },
    ], length(local.scheduled) == 0 ? [] : [
    { title = "Runs of the scheduled functions", visualization = "table", query = "${local.job_logs} | where isnotempty(e.connector) | project timestamp, what = tostring(e['function']), connector = tostring(e.connector), status = tostring(e.report.status), level = tostring(e.level), message = tostring(e.msg) | order by timestamp desc | take 100" },
    ], [
    { title = "Warnings and errors", visualization = "table", query = "traces | where severityLevel >= 2 | project timestamp, cloud_RoleName, severityLevel, message | order by timestamp desc | take 100" },
  ])
}

resource "azurerm_application_insights_workbook" "this" {
  count = var.dashboard ? 1 : 0

  name                = random_uuid.dashboard[0].result
  display_name        = "${var.name}-${local.suffix}"
  resource_group_name = local.group_name
  location            = local.location
  # Azure keeps it in lower case.
  source_id = lower(azurerm_application_insights.this.id)

  data_json = jsonencode({
    version = "Notebook/1.0"
    items = concat([{
      type = 9
      name = "time"
      content = {
        version      = "KqlParameterItem/1.0"
        style        = "pills"
        queryType    = 0
        resourceType = "microsoft.insights/components"
        parameters = [{
          id         = "7d6a1d1e-5b7c-4c8e-9a55-0f1d3f3c0a01"
          version    = "KqlParameterItem/1.0"
          name       = "TimeRange"
          type       = 4
          isRequired = true
          value      = { durationMs = 86400000 }
          typeSettings = {
            selectableValues = [for hours in [1, 4, 24, 72, 168, 720] : { durationMs = hours * 3600000 }]
          }
        }]
      }
      }], [for i, chart in local.charts : {
      type = 3
      name = "chart-${i}"
      content = {
        version                  = "KqlItem/1.0"
        title                    = chart.title
        query                    = chart.query
        visualization            = chart.visualization
        size                     = 0
        queryType                = 0
        resourceType             = "microsoft.insights/components"
        crossComponentResources  = [azurerm_application_insights.this.id]
        timeContextFromParameter = "TimeRange"
      }
    }])
    fallbackResourceIds = [azurerm_application_insights.this.id]
  })

  tags = local.tags
}
