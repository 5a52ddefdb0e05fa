# Everything that can be said, for a cold chain: two dynos of a team's app behind a domain, a
# database with a standby, the jobs in an app that nobody can reach, a partner who gets the
# events too, and logs that are kept and alarmed on elsewhere.

variable "team" {
  description = "Heroku team that owns the apps and is billed."
  type        = string
}

variable "domain" {
  description = "Host name that DT posts to."
  type        = string
}

variable "project" {
  description = "Id of the DT project."
  type        = string
}

variable "organization" {
  description = "Id of the DT organization, whose asymmetric signatures are accepted too."
  type        = string
}

variable "service_account" {
  description = "DT service account, a member of the project with the role project.developer."
  type        = object({ key_id = string, email = string })
}

variable "service_account_secret" {
  description = "Secret of its key."
  type        = string
  sensitive   = true
}

variable "signature_secret" {
  description = "Secret that the connectors sign with."
  type        = string
  sensitive   = true
}

variable "log_drain_url" {
  description = "Who keeps the logs and alarms: syslog+tls://HOST:PORT, or an https URL, with its token."
  type        = string
  sensitive   = true
}

module "connector" {
  source = "../../../connector"

  url = module.dt_functions.endpoint
  connectors = {
    main = {
      project      = var.project
      display_name = "Cold chain"
      events       = ["temperature", "networkStatus", "connectionStatus"]
      labels       = ["name", "site", "room"]
    }
  }
}

module "dt_functions" {
  source = "../.."

  name   = "cold-chain"
  team   = var.team
  region = "eu"
  domain = var.domain
  dynos  = { size = "standard-1x", quantity = 2 }

  # Which events pass, and how they go on.
  event_types    = ["temperature", "connectionStatus"]
  projects       = [var.project]
  label_selector = "site, !test"
  labels         = ["name", "site", "room=location"]
  label_defaults = { site = "Oslo" }

  # Where they go.
  postgres = { plan = "premium-0" }
  sink     = { urls = ["https://partner.example.com/events"] }

  # Secrets.
  signature_secret       = var.signature_secret
  service_account_secret = var.service_account_secret
  organization_id        = var.organization

  # Scheduled functions.
  connectors       = module.connector.names
  service_account  = var.service_account
  connector_config = { status = "ACTIVE", headers = { "X-Site" = "oslo" } }
  schedules        = { sync = "0 3 * * MON", configure = "*/10 * * * *", recover = "*/15 * * * *" }
  settings         = { DT_RECOVER_OVERLAP = "2h" }
  separate_jobs    = true

  # Operations.
  log_drain_urls     = [var.log_drain_url]
  log_retention_days = 365 # kept by whoever gets the log
  alarms             = { no_events_minutes = 30, rejected = 10, slow_seconds = 3 }
}

output "domain_target" {
  description = "What the domain's CNAME record must name."
  value       = module.dt_functions.domain_target
}

output "alarms" {
  description = "What to alarm on, for who gets the log."
  value       = module.dt_functions.alarms
}
