# Secrets are ephemeral: neither a plan nor the state has them.

variable "signature_secret" {
  description = "Secret that the Data Connectors sign with; null for one that is made. It is written anew only when secrets_version is raised."
  type        = string
  default     = null
  sensitive   = true
  ephemeral   = true

  validation {
    condition     = var.signature_secret == null ? true : length(var.signature_secret) >= 16
    error_message = "signature_secret must have at least 16 characters: from one signed request anyone can try shorter ones."
  }
  validation {
    condition     = var.signature_secret == null ? true : can(regex("^[^\\s\\p{C}]([^\\p{C}]*[^\\s\\p{C}])?$", var.signature_secret))
    error_message = "signature_secret must have no white space around it and no line break in it."
  }
}

variable "signature_secret_previous_version" {
  description = "While the secret is being changed: number of the version that was in use before, which receive accepts too. Take it away 12 hours after the change."
  type        = number
  default     = null

  validation {
    condition     = var.signature_secret_previous_version == null ? true : var.signature_secret_previous_version >= 1 && floor(var.signature_secret_previous_version) == var.signature_secret_previous_version
    error_message = "signature_secret_previous_version must be the number of a version of the secret."
  }
}

variable "service_account_secret" {
  description = "Secret of the key of the DT service account. It is written anew only when secrets_version is raised."
  type        = string
  default     = null
  sensitive   = true
  ephemeral   = true

  validation {
    condition     = var.service_account_secret == null ? true : can(regex("^[^\\s\\p{C}]+$", var.service_account_secret))
    error_message = "service_account_secret must not be empty, and have no white space and no line break."
  }
  validation {
    condition     = var.service_account_secret != null || length(var.connectors) == 0
    error_message = "service_account_secret is required where connectors are given."
  }
}

variable "secrets_version" {
  description = "Raise it to write the secrets anew. Terraform does not keep them, so it cannot see by itself that they have changed."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = var.secrets_version >= 1 && floor(var.secrets_version) == var.secrets_version
    error_message = "secrets_version must be a whole number of 1 or more."
  }
}
