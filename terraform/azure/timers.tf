# The platform starts an app for its timer, so it must know of it. It does not look for timers
# in a package that was put into storage, and the provider has no resource that tells it.
# receive has no timer: the first request starts it.

locals {
  timer_command = ["az", "rest", "--method", "post", "--url"]
  timer_urls    = { for f, app in azurerm_function_app_flex_consumption.job : f => "https://management.azure.com${app.id}/syncfunctiontriggers?api-version=2022-03-01" }

  # Otherwise whoever deploys tells it.
  synced = { for f, expression in local.scheduled : f => expression if var.sync_timers && local.uploads }
}

# The platform asks the app itself. One that does not run is started by that, and may answer
# with an error meanwhile, which does not matter yet.
resource "terraform_data" "timer_app" {
  for_each = local.synced

  triggers_replace = {
    app      = azurerm_function_app_flex_consumption.job[each.key].id
    schedule = local.cron[each.key]
    archive  = local.archive_hash
  }

  # The program itself instead of a shell: there is nothing to quote, on any system.
  provisioner "local-exec" {
    interpreter = local.timer_command
    command     = local.timer_urls[each.key]
    on_failure  = continue
  }
}

resource "time_sleep" "timers" {
  for_each = local.synced

  create_duration = "60s"
  triggers        = { app = terraform_data.timer_app[each.key].id }
}

# What fails here fails the apply, and the next one repeats it.
resource "terraform_data" "timers" {
  for_each = local.synced

  triggers_replace = time_sleep.timers[each.key].triggers

  provisioner "local-exec" { # needs az, signed in; or set sync_timers = false, see README.md
    interpreter = local.timer_command
    command     = local.timer_urls[each.key]
  }
}
