# All that can be said: a build from git, a cluster of Event Streams with a key of one's own,
# a forward, filters, labels, an instance that is always ready, and alarms by e-mail.

variable "region" {
  description = "IBM Cloud region."
  type        = string
  default     = "eu-de"
}

variable "resource_group_id" {
  description = "Id of the resource group."
  type        = string
}

variable "source_url" {
  description = "Git repository that the image is built from."
  type        = string
}

variable "source_revision" {
  description = "Commit or tag that is built."
  type        = string
}

variable "run_build" {
  description = "Whether the build is run by the apply, for which the program ibmcloud must be logged in."
  type        = bool
  default     = true
}

variable "kms_key_crn" {
  description = "CRN of a root key in Key Protect."
  type        = string
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
}

variable "signature_secret" {
  description = "Secret that the connector signs with."
  type        = string
  sensitive   = true
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

variable "integration" {
  description = "Number of the outbound integration with Event Notifications, which the output next says how to make; null until there is one."
  type        = string
  default     = null
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

  name              = "cold-chain"
  tags              = { team = "facilities" }
  region            = var.region
  resource_group_id = var.resource_group_id

  build = { source_url = var.source_url, source_revision = var.source_revision, run = var.run_build }

  cpu           = 0.25
  min_instances = 1
  max_instances = 20

  sink          = { urls = [var.forward_url] }
  event_streams = { plan = "enterprise-3nodes-2tb", partitions = 3, retention_hours = 336 }
  kms_key_crn   = var.kms_key_crn

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

  connectors       = module.connector.names
  connector_config = { status = "ACTIVE", headers = { X-Site = "oslo" } }
  schedules        = { sync = "0 6 * * MON-FRI", configure = "*/10 * * * *", recover = "*/15 * * * *" }
  settings         = { DT_RECOVER_OVERLAP = "90m" }

  log_retention_days = 90
  alarms = {
    emails            = [var.email]
    notify            = var.integration == null ? [] : [var.integration]
    no_events_minutes = 30
    slow_seconds      = 3
  }
}
