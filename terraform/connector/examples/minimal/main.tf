# One connector that sends everything to an endpoint.

variable "project" {
  description = "Id of the DT project."
  type        = string
}

variable "endpoint" {
  description = "Where DT posts events."
  type        = string
}

module "connector" {
  source = "../.."

  url        = var.endpoint
  connectors = { main = { project = var.project } }
}
