# Everything that can be said, for a cold chain: ordered events, a table of them in BigQuery,
# a partner who gets them too, an own key, alarms by e-mail, and a budget.

variable "project_id" {
  description = "Id of the Google Cloud project."
  type        = string
}

variable "region" {
  description = "Region of the functions."
  type        = string
  default     = "europe-north1"
}

variable "dt_project" {
  description = "Id of the DT project."
  type        = string
}

variable "dt_organization" {
  description = "Id of the DT organization, whose asymmetric signatures are accepted too."
  type        = string
}

variable "service_account" {
  description = "DT service account of the scheduled functions: the id of its key, and its email address."
  type        = object({ key_id = string, email = string })
}

variable "service_account_secret" {
  description = "Secret of that key. Neither a plan nor the state has it."
  type        = string
  sensitive   = true
  ephemeral   = true
}

variable "signature_secret" {
  description = "Secret that the connectors sign with. Neither a plan nor the state has it."
  type        = string
  sensitive   = true
  ephemeral   = true
}

variable "kms_key_name" {
  description = "Customer-managed key in the same region, projects/P/locations/L/keyRings/R/cryptoKeys/K."
  type        = string
}

variable "billing_account" {
  description = "Billing account that the project is paid by."
  type        = string
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
      project      = var.dt_project
      display_name = "Cold chain"
      events       = ["temperature", "networkStatus", "connectionStatus"]
      labels       = ["name", "site", "room"]
    }
  }
}

module "dt_functions" {
  source = "../.."

  project_id = var.project_id
  region     = var.region
  name       = "cold-chain"
  tags       = { team = "facilities", environment = "production" }

  # Which events pass, and how they go on.
  event_types    = ["temperature", "connectionStatus"]
  projects       = [var.dt_project]
  label_selector = "site, !test"
  labels         = ["name", "site", "room=location"]
  label_defaults = { site = "Oslo" }

  # Where they go.
  sink         = { urls = ["https://partner.example.com/events"] }
  subscription = { message_ordering = true, retention_days = 31, max_delivery_attempts = 20 }
  bigquery     = { enabled = true, expiration_days = 730 }

  # Secrets.
  signature_secret       = var.signature_secret
  service_account_secret = var.service_account_secret
  organization_id        = var.dt_organization
  kms_key_name           = var.kms_key_name

  # Scheduled functions.
  connectors       = module.connector.names
  service_account  = var.service_account
  connector_config = { status = "ACTIVE", headers = { "X-Site" = "oslo" } }
  schedules        = { sync = "0 3 * * MON", configure = "*/10 * * * *", recover = "*/15 * * * *" }
  settings         = { DT_RECOVER_OVERLAP = "2h" }

  # Operations.
  min_instances      = 1
  max_instances      = 20
  alarms             = { emails = [var.email], no_events_minutes = 30, rejected = 10, slow_seconds = 3 }
  log_retention_days = 365
  budget             = { billing_account = var.billing_account, amount = 50 }
}
