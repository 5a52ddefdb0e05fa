# All that can be said: a FIFO queue and a forward, filters, labels, a key of one's own,
# rotation, alarms by e-mail and a budget.

variable "region" {
  description = "AWS region."
  type        = string
  default     = "eu-north-1"
}

variable "project" {
  description = "Id of the DT project."
  type        = string
}

variable "organization" {
  description = "Id of the DT organization."
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
  description = "Secret that the connector signs with."
  type        = string
  sensitive   = true
  ephemeral   = true
}

variable "kms_key_arn" {
  description = "ARN of a KMS key whose policy allows what the module's README says."
  type        = string
}

variable "forward_url" {
  description = "Where events are forwarded to besides."
  type        = string
  default     = "https://events.example.com/dt"
}

variable "email" {
  description = "Who is told of alarms."
  type        = string
}

module "connector" {
  source = "../../../connector"

  url = module.dt_functions.endpoint
  connectors = {
    main = {
      project      = var.project
      display_name = "Cold chain"
      events       = ["temperature", "networkStatus"]
      labels       = ["name", "site", "room"]
    }
  }
}

module "dt_functions" {
  source = "../.."

  name = "cold-chain"
  tags = { team = "facilities" }

  endpoint             = "http_api"
  reserved_concurrency = 20
  memory_size          = 256

  sink        = { kind = "sqs", urls = [var.forward_url] }
  sink_fifo   = true
  queue       = { visibility_timeout_seconds = 180, max_receive_count = 3, max_age_hours = 2 }
  kms_key_arn = var.kms_key_arn

  projects        = [var.project]
  event_types     = ["temperature"]
  device_types    = ["temperature"]
  label_selector  = "site in (oslo,bergen), !test"
  labels          = ["name", "site", "room=zone"]
  label_defaults  = { zone = "unknown" }
  organization_id = var.organization

  signature_secret       = var.signature_secret
  service_account        = var.service_account
  service_account_secret = var.service_account_secret
  rotation               = { enabled = true, days = 90 }

  connectors       = module.connector.names
  connector_config = { status = "ACTIVE", headers = { X-Site = "oslo" } }
  schedules        = { sync = "0 6 * * MON-FRI", configure = "*/10 * * * *", recover = "*/15 * * * *" }
  settings         = { DT_RECOVER_OVERLAP = "90m" }

  log_retention_days = 90
  alarms             = { emails = [var.email], no_events_minutes = 30, slow_seconds = 3 }
  budget_usd         = 25
}
