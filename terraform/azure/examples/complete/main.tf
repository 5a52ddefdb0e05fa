# All that can be set, with a Service Bus queue and a second sink.

variable "location" {
  description = "Azure region."
  type        = string
  default     = "norwayeast"
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
  ephemeral   = true
}

variable "signature_secret" {
  description = "Secret that the connectors sign with."
  type        = string
  sensitive   = true
  ephemeral   = true
}

variable "email" {
  description = "Who is told of alarms and of the budget."
  type        = string
}

variable "operator_ips" {
  description = "Address ranges of those who run scheduled functions by hand."
  type        = list(string)
}

variable "sync_timers" {
  description = "Whether the apply tells the platform of the timers, for which the program az must be signed in."
  type        = bool
  default     = true
}

module "connector" {
  source = "../../../connector"

  url = module.dt_functions.endpoint
  connectors = {
    main = { project = var.project, display_name = "Sensors to Azure", events = ["temperature", "touch", "objectPresent"], labels = ["name", "room", "floor"] }
  }
}

module "dt_functions" {
  source = "../.."

  name     = "dt-sensors"
  location = var.location
  tags     = { team = "facilities" }

  sink = {
    kind = "servicebus"
    urls = ["https://events.example.com/dt"]
  }

  # Which events pass, and how they go on.
  event_types    = ["temperature", "touch", "objectPresent"]
  projects       = [var.project]
  label_selector = "floor in (1,2), !test"
  labels         = ["name", "room=place", "floor", "site"]
  label_defaults = { site = "Oslo" }

  organization_id  = var.organization
  signature_secret = var.signature_secret

  connectors             = module.connector.names
  connector_config       = { status = "ACTIVE", headers = { X-Site = "oslo" } }
  service_account        = var.service_account
  service_account_secret = var.service_account_secret
  schedules              = { sync = "0 3 * * *", configure = "*/10 * * * *", recover = "*/5 * * * *" }

  alarms             = { emails = [var.email], no_events_minutes = 30, slow_seconds = 3 }
  log_retention_days = 90
  budget             = 50

  min_instances       = 1
  storage_replication = "ZRS"
  operator_ips        = var.operator_ips
  sync_timers         = var.sync_timers
}
