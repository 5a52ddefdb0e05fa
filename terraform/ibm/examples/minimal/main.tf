# One project, one connector, one topic.

variable "region" {
  description = "IBM Cloud region."
  type        = string
  default     = "eu-de"
}

variable "image" {
  description = "Image of the server in Container Registry, with a tag, such as private.de.icr.io/NAMESPACE/dt-functions:1.0.0."
  type        = string
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
}

module "connector" {
  source = "../../../connector"

  url        = module.dt_functions.endpoint
  connectors = { main = { project = var.project } }
}

module "dt_functions" {
  source = "../.."

  region                 = var.region
  image                  = var.image
  connectors             = module.connector.names
  service_account        = var.service_account
  service_account_secret = var.service_account_secret
}
