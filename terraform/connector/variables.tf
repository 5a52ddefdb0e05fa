variable "url" {
  description = "Where DT posts events: output endpoint of the cloud's module."
  type        = string

  validation {
    condition     = can(regex("^https://[^\\s@?#/]+(/[^\\s?#]*)?$", var.url))
    error_message = "url must be an https URL without user, query and fragment: DT posts to no other."
  }
}

variable "connectors" {
  description = <<-EOT
    Data Connectors to make, by a key of your own. project is the bare id of the DT project. events are the types of events that
    are sent; empty means all. labels are the keys of the labels that are sent with each event; the receiver can filter by no others.
  EOT
  type = map(object({
    project      = string
    display_name = optional(string)
    events       = optional(list(string), [])
    labels       = optional(list(string), ["name"])
  }))
  nullable = false

  validation {
    condition     = length(var.connectors) > 0
    error_message = "connectors must have at least one connector."
  }
  validation {
    # The provider's documentation says projects/ID; with that the API is asked for projects/projects/ID.
    condition     = alltrue([for c in values(var.connectors) : can(regex("^[a-z0-9]{1,64}$", c.project))])
    error_message = "connectors: project must be the bare id of a project, of lower-case letters and digits, such as cvinmt9aq9sc738g6eog, without \"projects/\"."
  }
  validation {
    condition     = alltrue([for c in values(var.connectors) : c.display_name == null ? true : length(trimspace(c.display_name)) > 0 && length(c.display_name) <= 100])
    error_message = "connectors: display_name must have 1 to 100 characters."
  }
  validation {
    condition     = alltrue(flatten([for c in values(var.connectors) : [for e in c.events : can(regex("^[a-zA-Z][a-zA-Z0-9]{1,63}$", e))]]))
    error_message = "connectors: events must be names of event types as DT writes them, such as temperature, touch or objectPresent."
  }
  validation {
    condition     = alltrue([for c in values(var.connectors) : length(distinct(c.events)) == length(c.events) && length(distinct(c.labels)) == length(c.labels)])
    error_message = "connectors: events and labels must not name anything twice."
  }
  validation {
    condition     = alltrue(flatten([for c in values(var.connectors) : [for l in c.labels : length(trimspace(l)) > 0]]))
    error_message = "connectors: labels must be keys of labels, not empty texts."
  }
}

variable "signature_secret" {
  description = <<-EOT
    Secret that new connectors sign with, from the first event on. The provider keeps it in the state in clear, so leave it out where
    the function configure runs: it gives the connectors the secret of the cloud's secret store within minutes of their making. Used
    when a connector is made, never to change one.
  EOT
  type        = string
  default     = ""
  sensitive   = true
  nullable    = false

  validation {
    condition     = var.signature_secret == "" || length(var.signature_secret) >= 16
    error_message = "signature_secret must have at least 16 characters, or be empty."
  }
}

variable "manage_connector" {
  description = "false makes nothing: the connectors are made by hand or by dtfn connector create, and kept by dtfn connector apply, for which the output commands has the lines. Then existing says which they are."
  type        = bool
  default     = true
  nullable    = false
}

variable "existing" {
  description = "With manage_connector = false: the connectors' names, by the keys of connectors, each projects/P/dataconnectors/C."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for n in values(var.existing) : can(regex("^projects/[a-z0-9]{1,64}/data[cC]onnectors/[a-z0-9]{1,64}$", n))])
    error_message = "existing must have names of the form projects/P/dataconnectors/C."
  }
  validation {
    condition     = length(var.existing) == 0 || !var.manage_connector
    error_message = "existing is for manage_connector = false; what the module makes it names itself."
  }
  validation {
    condition     = alltrue([for k, n in var.existing : contains(keys(var.connectors), k) && startswith(n, "projects/${try(var.connectors[k].project, "")}/")])
    error_message = "existing must have keys of connectors, each with a connector of that project."
  }
}
