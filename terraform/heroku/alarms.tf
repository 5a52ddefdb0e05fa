# Heroku cannot alarm on what a log says. Here is what to alarm on, for who gets the logs.

check "alarms" {
  assert {
    condition     = !var.alarms.enabled || local.drained
    error_message = "Nobody is alarmed: Heroku cannot alarm on what a log says. Send the logs to who can, by log_drain_urls or otherwise, and make there the alarms of the output alarms; or say alarms = { enabled = false }."
  }
  assert {
    condition     = length(var.alarms.emails) + length(var.alarms.notify) == 0
    error_message = "alarms.emails and alarms.notify are told nothing by Heroku: whoever gets the logs has to tell them."
  }
}

locals {
  # Each is a condition on lines of the log, their number, and the minutes that it is
  # counted over.
  event_alarms = {
    no_events = {
      about   = "No event has come for ${var.alarms.no_events_minutes} minutes."
      lines   = { msg = ["event"], outcome = ["accepted", "filtered", "duplicate"] }
      alarm   = "fewer than"
      count   = 1
      minutes = var.alarms.no_events_minutes
    }
    rejected = {
      about   = "Requests are refused: a wrong signature secret, or somebody is guessing."
      lines   = { msg = ["event"], outcome = ["unauthorized"] }
      alarm   = "at least"
      count   = var.alarms.rejected
      minutes = 5
    }
    dead_letters = {
      about   = "Events could not be decoded, or are too large; they are in dt_events, where dead_letter is not empty."
      lines   = { msg = ["event"], outcome = ["dead-lettered"] }
      alarm   = "at least"
      count   = 1
      minutes = 5
    }
    errors = {
      about   = "Events could not be stored, or a function has failed."
      lines   = { level = ["ERROR"] }
      alarm   = "at least"
      count   = 1
      minutes = 5
    }
    slow = {
      about   = "Answers take more than ${var.alarms.slow_seconds} s; DT gives up after 10 s."
      lines   = { msg = ["event"], "latencyMs >" = [tostring(var.alarms.slow_seconds * 1000)] }
      alarm   = "at least"
      count   = 1
      minutes = 5
    }
    connector = {
      about   = "A connector was found disabled; recover enables it unless a user has disabled it."
      lines   = { function = ["recover"], "report.status" = ["SYSTEM_DISABLED", "USER_DISABLED"] }
      alarm   = "at least"
      count   = 1
      minutes = 5
    }
  }
}
