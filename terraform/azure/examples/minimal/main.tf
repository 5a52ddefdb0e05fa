# One project, one connector, one queue.

variable "location" {
  description = "Azure region."
  type        = string
  default     = "norwayeast"
}

variable "project" {
  description = "Id of the DT project."
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

variable "sync_timers" {
  description = "Whether the apply tells the platform of the timers, for which the program az must be signed in."
  type        = bool
  default     = true
}

module "connector" {
  source = "../../../connector"

  url        = module.dt_functions.endpoint
  connectors = { main = { project = var.project } }
}

module "dt_functions" {
  source = "../.."

  location               = var.location
  connectors             = module.connector.names
  service_account        = var.service_account
  service_account_secret = var.service_account_secret
  sync_timers            = var.sync_timers
}
