# What came, how fast, and what went wrong, in IBM Cloud Logs.

locals {
  # Lines of the charts: what is counted or measured, of which lines, apart by which field.
  charts = [
    {
      title = "Events by what became of them"
      lines = [{ name = "events", query = "message.msg:\"event\"", kind = "count", percent = 0, group = ["message", "outcome"] }]
    },
    {
      title = "Time to answer, ms"
      lines = [for percent in [50, 99] : { name = "p${percent}", query = "message.msg:\"event\"", kind = "percentile", percent = percent, group = [] }]
    },
    {
      title = "Runs of sync, configure and recover, one line a connector"
      lines = [{ name = "runs", query = "_exists_:message.function", kind = "count", percent = 0, group = ["message", "function"] }]
    },
    {
      title = "Errors"
      lines = [{ name = "errors", query = "message.level:\"ERROR\"", kind = "count", percent = 0, group = ["message", "msg"] }]
    },
  ]
}

resource "ibm_logs_dashboard" "this" {
  count = var.dashboard ? 1 : 0

  instance_id         = local.logs_guid
  region              = var.region
  name                = var.name
  description         = "Events of DT sensors that ${var.name} receives"
  relative_time_frame = "86400s"

  layout {
    sections {
      id {
        value = uuidv5("dns", "section.${var.name}")
      }

      dynamic "rows" {
        for_each = local.charts

        content {
          id {
            value = uuidv5("dns", "row-${rows.key}.${var.name}")
          }

          appearance {
            height = 19
          }

          widgets {
            id {
              value = uuidv5("dns", "chart-${rows.key}.${var.name}")
            }

            title = rows.value.title

            definition {
              line_chart {
                stacked_line = "unspecified"

                legend {
                  is_visible     = true
                  group_by_query = true
                }

                tooltip {
                  show_labels = false
                  type        = "all"
                }

                dynamic "query_definitions" {
                  for_each = rows.value.lines

                  content {
                    id                 = uuidv5("dns", "line-${rows.key}-${query_definitions.key}.${var.name}")
                    name               = query_definitions.value.name
                    is_visible         = true
                    color_scheme       = "classic"
                    scale_type         = "linear"
                    series_count_limit = "20"

                    resolution {
                      buckets_presented = 96
                    }

                    query {
                      logs {
                        lucene_query {
                          value = "${local.log_query} AND ${query_definitions.value.query}"
                        }

                        aggregations {
                          dynamic "count" {
                            for_each = query_definitions.value.kind == "count" ? [true] : []
                            content {}
                          }

                          dynamic "percentile" {
                            for_each = query_definitions.value.kind == "percentile" ? [true] : []

                            content {
                              percent = query_definitions.value.percent

                              observation_field {
                                keypath = ["message", "latencyMs"]
                                scope   = "user_data"
                              }
                            }
                          }
                        }

                        dynamic "group_bys" {
                          for_each = length(query_definitions.value.group) > 0 ? [true] : []

                          content {
                            keypath = query_definitions.value.group
                            scope   = "user_data"
                          }
                        }
                      }
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
  }
}
