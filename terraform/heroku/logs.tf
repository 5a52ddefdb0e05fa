# Heroku keeps the last 1,500 lines of an app for a week at most. What is to stay, or to be
# alarmed on, is sent elsewhere.

# A URL may have a token in it, so nothing is named after it: a drain is known by its place
# in the list. How many there are is no secret.
resource "heroku_drain" "receive" {
  count = local.drains

  app_id        = heroku_app.receive.id
  sensitive_url = var.log_drain_urls[count.index]
}

resource "heroku_drain" "jobs" {
  count = local.separate ? local.drains : 0

  app_id        = heroku_app.jobs[0].id
  sensitive_url = var.log_drain_urls[count.index]
}

locals {
  drains  = nonsensitive(length(var.log_drain_urls))
  drained = local.drains > 0 || var.log_drain_elsewhere
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
