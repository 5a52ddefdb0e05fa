# One connector, whose events go to a Pub/Sub topic.

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

module "connector" {
  source = "../../../connector"

  url        = module.dt_functions.endpoint
  connectors = { main = { project = var.dt_project } }
}

module "dt_functions" {
  source = "../.."

  project_id             = var.project_id
  region                 = var.region
  connectors             = module.connector.names
  service_account        = var.service_account
  service_account_secret = var.service_account_secret
}
