# A connector with everything that can be said of it, which signs from the first event on.

variable "project" {
  description = "Id of the DT project."
  type        = string
}

variable "endpoint" {
  description = "Where DT posts events."
  type        = string
}

variable "signature_secret" {
  description = "Secret of the endpoint. It will be in the state in clear."
  type        = string
  sensitive   = true
}

module "connector" {
  source = "../.."

  url = var.endpoint
  connectors = {
    main = {
      project      = var.project
      display_name = "Cold chain"
      events       = ["temperature", "networkStatus"]
      labels       = ["name", "site", "room"]
    }
  }
  signature_secret = var.signature_secret
}
