# Secrets. Code Engine's secrets have no write-only arguments in the provider, so all of
# these are in the state; see README.md.

variable "signature_secret" {
  description = "Secret that the connectors sign with; null for a random one. It is kept in the state, marked sensitive."
  type        = string
  default     = null
  sensitive   = true

  validation {
    condition     = var.signature_secret == null ? true : can(regex("^[!-~]{16,}$", var.signature_secret))
    error_message = "signature_secret must have at least 16 characters, visible ones of ASCII."
  }
}

variable "signature_secret_previous" {
  description = "While the signature secret is being changed: the one before, which is accepted too. Take it away 12 hours after the change. It is kept in the state, marked sensitive."
  type        = string
  default     = null
  sensitive   = true

  validation {
    condition     = var.signature_secret_previous == null ? true : can(regex("^[!-~]{16,}$", var.signature_secret_previous))
    error_message = "signature_secret_previous must have at least 16 characters, visible ones of ASCII."
  }
}

variable "service_account_secret" {
  description = "Secret of the key in service_account. It is kept in the state, marked sensitive."
  type        = string
  default     = null
  sensitive   = true

  validation {
    condition     = var.service_account_secret == null ? true : can(regex("^[!-~]+$", var.service_account_secret))
    error_message = "service_account_secret must have visible characters of ASCII alone."
  }
  validation {
    condition     = var.service_account_secret != null || length(var.connectors) == 0
    error_message = "service_account_secret is required where connectors are given."
  }
}

variable "registry_password" {
  description = "Password of the user in registry. It is kept in the state, marked sensitive."
  type        = string
  default     = null
  sensitive   = true

  validation {
    condition     = (var.registry_password == null) == (var.registry == null)
    error_message = "registry_password is required with registry, and with nothing else."
  }
}

variable "secrets_version" {
  description = "Raise it to make the functions' keys of Event Streams and Object Storage anew. A changed secret is seen without."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = var.secrets_version >= 1 && floor(var.secrets_version) == var.secrets_version
    error_message = "secrets_version must be a whole number of 1 or more."
  }
}
