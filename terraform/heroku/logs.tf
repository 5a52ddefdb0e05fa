# Heroku keeps the last 1,500 lines of an app for a week at most. What is to stay, or to be
# alarmed on, is sent elsewhere.

resource "heroku_drain" "receive" {
  for_each = toset(var.log_drain_urls)

  app_id = heroku_app.receive.id
  url    = each.value
}

resource "heroku_drain" "jobs" {
  for_each = toset(local.separate ? var.log_drain_urls : [])

  app_id = heroku_app.jobs[0].id
  url    = each.value
}

locals {
  drained = length(var.log_drain_urls) > 0 || var.log_drain_elsewhere
}

check "log_retention" {
  assert {
    condition     = local.drained || var.log_retention_days == 30
    error_message = "log_retention_days does nothing on Heroku, which keeps 1,500 lines for a week at most: name in log_drain_urls who keeps them for longer."
  }
}

check "tags" {
  assert {
    condition     = length(var.tags) == 0
    error_message = "tags do nothing on Heroku, which has none."
  }
}
