# The secrets, and who writes them.

variable "signature_secret" {
  description = "Secret that the connectors sign with; null for a random one. It is written to Key Vault and kept neither in the state nor in a plan."
  type        = string
  default     = null
  sensitive   = true
  ephemeral   = true

  validation {
    condition     = var.signature_secret == null ? true : can(regex("^[!-~]{16,}$", var.signature_secret)) && !can(regex("^(?i)(@Microsoft[.]KeyVault[(]|azure-keyvault:)", var.signature_secret))
    error_message = "signature_secret must have at least 16 characters, visible ones of ASCII, and be the secret itself, not a reference."
  }
}

variable "service_account_secret" {
  description = "Secret of the key in service_account. It is written to Key Vault and kept neither in the state nor in a plan."
  type        = string
  default     = null
  sensitive   = true
  ephemeral   = true

  validation {
    condition     = var.service_account_secret == null ? true : can(regex("^[!-~]+$", var.service_account_secret)) && !can(regex("^(?i)(@Microsoft[.]KeyVault[(]|azure-keyvault:)", var.service_account_secret))
    error_message = "service_account_secret must have visible characters of ASCII alone, and be the secret itself, not a reference."
  }
  validation {
    condition     = var.service_account_secret != null || length(var.connectors) == 0
    error_message = "service_account_secret is required where connectors are given."
  }
}

variable "secrets_version" {
  description = "Raise it to write the secrets anew: their values are not kept, so a change of them is not seen. The apps restart and read them again. receive accepts the signature secret from before too, so at most once in 12 hours."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = var.secrets_version >= 1 && floor(var.secrets_version) == var.secrets_version
    error_message = "secrets_version must be a whole number of 1 or more."
  }
}

variable "key_vault_purge_protection" {
  description = "Keep the vault and its secrets for 7 days after they are destroyed, whoever destroys them. It cannot be turned off again."
  type        = bool
  default     = true
  nullable    = false
}

variable "deployer" {
  description = <<-EOT
    Who runs Terraform: object_id, null for the identity that the provider is signed in with (name it where people and pipelines
    take turns). With assign_roles it is given what it needs to write the secrets, and to upload the archive; with false it has that already.
  EOT
  type = object({
    object_id    = optional(string)
    assign_roles = optional(bool, true)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.deployer.object_id == null ? true : can(regex("^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$", var.deployer.object_id))
    error_message = "deployer.object_id must be the object id of a user, group or service principal, which is a UUID."
  }
}
