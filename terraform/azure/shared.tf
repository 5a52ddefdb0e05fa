# What the modules of all clouds have in common: the variables that mean the same
# everywhere, and the settings that are made of them. This file lies in each module,
# byte for byte; terraform/shared.tf is the one to change, and `make golden` copies it.
# Moving to another cloud is then changing a module's source line.

variable "name" {
  description = "Name of this deployment; what the module makes begins with it."
  type        = string
  default     = "dt-functions"
  nullable    = false

  validation {
    # The shortest limit of all clouds less the longest suffix that a module adds.
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.name)) && !strcontains(var.name, "--")
    error_message = "name must have 3 to 20 lower-case letters, digits and single hyphens, begin with a letter, and not end with a hyphen."
  }
}

variable "tags" {
  description = "Tags (Google's labels) on everything that can have them: lower-case keys and values, which every cloud takes."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for k, v in var.tags : can(regex("^[a-z][a-z0-9_-]{0,62}$", k)) && can(regex("^[a-z0-9_-]{0,63}$", v))])
    error_message = "tags must have keys of at most 63 lower-case letters, digits, _ and -, beginning with a letter, and values of the same characters."
  }
}

variable "event_types" {
  description = "Types of the events that pass, such as [\"temperature\", \"touch\"]; empty means all."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for t in var.event_types : can(regex("^[a-zA-Z][a-zA-Z0-9]{1,63}$", t))])
    error_message = "event_types must be names of event types as DT writes them, such as temperature, touch or objectPresent."
  }
}

variable "device_types" {
  description = "Types of the devices whose events pass, such as [\"temperature\"]; empty means all."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for t in var.device_types : can(regex("^[a-zA-Z][a-zA-Z0-9]{1,63}$", t))])
    error_message = "device_types must be names of device types as DT writes them, such as temperature, touch or ccon."
  }
}

variable "projects" {
  description = "Ids of the DT projects whose events pass; empty means all. Worth setting: a connector of another project that knows the secret is then filtered."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for p in var.projects : can(regex("^[a-z0-9]{1,64}$", p))])
    error_message = "projects must be bare project ids of lower-case letters and digits, such as cvinmt9aq9sc738g6eog, without \"projects/\"."
  }
}

variable "label_selector" {
  description = "Condition on a device's labels for its events to pass, such as floor in (1,2), customer, !test; empty means all."
  type        = string
  default     = ""
  nullable    = false
}

variable "labels" {
  description = "Labels that go on with an event, each key or key=new-name; empty means all, unchanged."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for l in var.labels : can(regex("^[^,=\"]+(=[^,=\"]+)?$", l))])
    error_message = "labels must each be key or key=new-name, without commas and quotes."
  }
}

variable "label_defaults" {
  description = "Values for devices that do not have a label, such as { site = \"Oslo\" }."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for k, v in var.label_defaults : can(regex("^[^,=\"\\\\]+$", k)) && can(regex("^[^\"\\\\]*$", v))])
    error_message = "label_defaults must have no quotes and backslashes, and no commas and equal signs in a key."
  }
  validation {
    condition     = length(var.labels) == 0 || alltrue([for k in keys(var.label_defaults) : contains([for l in var.labels : trimspace(reverse(split("=", l))[0])], k)])
    error_message = "label_defaults must name labels that go on: where labels are given, by the names that those give them."
  }
}

variable "encoding" {
  description = "Form in which events go on: cloudevents, or raw for the body as it was received, for those who verify it again."
  type        = string
  default     = "cloudevents"
  nullable    = false

  validation {
    condition     = contains(["cloudevents", "raw"], var.encoding)
    error_message = "encoding must be cloudevents or raw."
  }
  validation {
    condition     = var.encoding == "cloudevents" || (length(var.labels) == 0 && length(var.label_defaults) == 0)
    error_message = "encoding must be cloudevents where labels or label_defaults are set: the raw body cannot carry changed labels."
  }
}

variable "organization_id" {
  description = "Id of the DT organization whose asymmetric signatures (DT-Asymmetric-Signature) are accepted besides the shared secret; null for none."
  type        = string
  default     = null

  validation {
    condition     = var.organization_id == null ? true : can(regex("^[a-z0-9]{1,64}$", var.organization_id))
    error_message = "organization_id must be the bare id of an organization, of lower-case letters and digits."
  }
}

variable "connectors" {
  description = "Data Connectors that sync, configure and recover work on, each projects/P/dataconnectors/C; output names of ../connector. With none, those three are not deployed. Its length must be known when planning."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for c in var.connectors : can(regex("^projects/[a-z0-9]{1,64}/data[cC]onnectors/[a-z0-9]{1,64}$", c))])
    error_message = "connectors must each be of the form projects/P/dataconnectors/C."
  }
  validation {
    condition     = length(distinct(var.connectors)) == length(var.connectors)
    error_message = "connectors must not name a connector twice."
  }
}

variable "connector_config" {
  description = "Settings that configure keeps the connectors at; what is null stays as it is. headers is what the provider dt cannot set."
  type = object({
    display_name = optional(string)
    status       = optional(string)
    events       = optional(list(string))
    labels       = optional(list(string))
    headers      = optional(map(string))
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.connector_config.status == null ? true : contains(["ACTIVE", "USER_DISABLED"], var.connector_config.status)
    error_message = "connector_config.status must be ACTIVE or USER_DISABLED."
  }
  validation {
    condition     = alltrue([for h in keys(coalesce(var.connector_config.headers, {})) : can(regex("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$", h)) && !contains(["x-dt-signature", "dt-asymmetric-signature", "authorization"], lower(h))])
    error_message = "connector_config.headers must have names that HTTP allows, none of them DT's signature headers or Authorization: a secret does not belong in a setting that can be read."
  }
}

variable "service_account" {
  description = "DT service account that sync, configure and recover call the REST API with, a member of the connectors' projects with the role project.developer. Its secret is service_account_secret."
  type = object({
    key_id = string
    email  = optional(string)
  })
  default = null

  validation {
    condition     = var.service_account == null ? true : can(regex("^[a-z0-9]{8,64}$", var.service_account.key_id))
    error_message = "service_account.key_id must be the id of a key, of lower-case letters and digits."
  }
  validation {
    condition     = try(var.service_account.email, null) == null ? true : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", var.service_account.email))
    error_message = "service_account.email must be the service account's email address."
  }
  validation {
    condition     = var.service_account != null || length(var.connectors) == 0
    error_message = "service_account is required where connectors are given."
  }
}

variable "schedules" {
  description = "When the scheduled functions run: cron expressions of five fields, in UTC, days of the week by their English names; \"off\" for never."
  type = object({
    sync      = optional(string, "off")
    configure = optional(string, "*/5 * * * *")
    recover   = optional(string, "*/15 * * * *")
  })
  default  = {}
  nullable = false

  validation {
    condition = alltrue([for s in values(var.schedules) : s == "off" || can(regex(
    "^(\\*|\\*/[0-9]{1,2}|[0-9]{1,2}([,-][0-9]{1,2})*) (\\*|\\*/[0-9]{1,2}|[0-9]{1,2}([,-][0-9]{1,2})*) (\\*|[0-9]{1,2}([,-][0-9]{1,2})*) (\\*|[0-9]{1,2}([,-][0-9]{1,2})*) (\\*|(MON|TUE|WED|THU|FRI|SAT|SUN)([,-](MON|TUE|WED|THU|FRI|SAT|SUN))*)$", s))])
    error_message = "schedules must each be \"off\" or five fields: minute, hour, day of month, month, day of week (MON to SUN), of *, */n, numbers, ranges and lists."
  }
  validation {
    condition     = alltrue([for s in values(var.schedules) : s == "off" || try(split(" ", s)[2] == "*" || split(" ", s)[4] == "*", true)])
    error_message = "schedules must not name a day of the month and a day of the week together: the clouds' schedulers do not agree what that means."
  }
}

variable "alarms" {
  description = "What is alarmed on, and who is told: e-mail addresses in emails, and in notify what the cloud can notify besides (AWS: ARNs of SNS topics; Google: names of notification channels; Azure: ids of action groups)."
  type = object({
    enabled           = optional(bool, true)
    emails            = optional(list(string), [])
    notify            = optional(list(string), [])
    no_events_minutes = optional(number, 60)
    rejected          = optional(number, 5)
    slow_seconds      = optional(number, 5)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for e in var.alarms.emails : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", e))])
    error_message = "alarms.emails must be e-mail addresses."
  }
  validation {
    condition     = contains([5, 10, 15, 30, 60, 120, 180, 360, 720, 1440], var.alarms.no_events_minutes)
    error_message = "alarms.no_events_minutes must be 5, 10, 15, 30, 60, 120, 180, 360, 720 or 1440, which every cloud's alarms take."
  }
  validation {
    condition     = var.alarms.rejected >= 1 && floor(var.alarms.rejected) == var.alarms.rejected
    error_message = "alarms.rejected, the refused signatures in five minutes that are alarmed on, must be a whole number of 1 or more."
  }
  validation {
    condition     = var.alarms.slow_seconds >= 1 && var.alarms.slow_seconds < 10
    error_message = "alarms.slow_seconds must be from 1 to less than 10: DT gives an answer up after 10 seconds."
  }
}

variable "log_level" {
  description = "Least level of the lines that are logged: debug, info, warn or error. The alarms need info."
  type        = string
  default     = "info"
  nullable    = false

  validation {
    condition     = contains(["debug", "info", "warn", "error"], var.log_level)
    error_message = "log_level must be debug, info, warn or error."
  }
  validation {
    condition     = contains(["debug", "info"], var.log_level) || !var.alarms.enabled
    error_message = "log_level must be debug or info while alarms.enabled is true: the alarms count lines of that level."
  }
}

variable "log_retention_days" {
  description = "Days that logs are kept."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = contains([30, 60, 90, 120, 180, 365, 730], var.log_retention_days)
    error_message = "log_retention_days must be 30, 60, 90, 120, 180, 365 or 730, which every cloud takes."
  }
}

variable "settings" {
  description = "Further settings of the functions, by the names of their environment variables: DT_RECOVER_OVERLAP, DT_RECOVER_USER_DISABLED, DT_ALLOW_SHA1, DT_OIDC_ISSUER, DT_API_URL, DT_TOKEN_URL."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for k in keys(var.settings) : contains(["DT_RECOVER_OVERLAP", "DT_RECOVER_USER_DISABLED", "DT_ALLOW_SHA1", "DT_OIDC_ISSUER", "DT_API_URL", "DT_TOKEN_URL"], k)])
    error_message = "settings may have DT_RECOVER_OVERLAP, DT_RECOVER_USER_DISABLED, DT_ALLOW_SHA1, DT_OIDC_ISSUER, DT_API_URL and DT_TOKEN_URL; everything else has a variable of its own, and no secret belongs here."
  }
}

locals {
  # The functions that are deployed, by name; receive always is.
  scheduled = length(var.connectors) == 0 ? {} : { for f, s in var.schedules : f => s if s != "off" }

  # Settings of which events pass, and how they go on: receive and recover.
  handling_settings = { for k, v in {
    DT_EVENT_TYPES    = join(",", var.event_types)
    DT_DEVICE_TYPES   = join(",", var.device_types)
    DT_PROJECTS       = join(",", var.projects)
    DT_LABEL_SELECTOR = var.label_selector
    DT_LABELS         = join(",", var.labels)
    DT_LABEL_DEFAULTS = join(",", [for k, v in var.label_defaults : "${k}=\"${v}\""])
    DT_ENCODING       = var.encoding == "cloudevents" ? "" : var.encoding
  } : k => v if v != "" }

  # Settings of the calls to DT's REST API: sync, configure and recover.
  api_settings = { for k, v in {
    DT_CONNECTORS             = join(",", var.connectors)
    DT_SERVICE_ACCOUNT_KEY_ID = try(var.service_account.key_id, "")
    DT_SERVICE_ACCOUNT_EMAIL  = try(coalesce(var.service_account.email, ""), "")
    DT_API_URL                = lookup(var.settings, "DT_API_URL", "")
    DT_TOKEN_URL              = lookup(var.settings, "DT_TOKEN_URL", "")
  } : k => v if v != "" }

  wanted = { for k, v in {
    displayName = var.connector_config.display_name
    status      = var.connector_config.status
    events      = var.connector_config.events
    labels      = var.connector_config.labels
    httpConfig  = var.connector_config.headers == null ? null : { headers = var.connector_config.headers }
  } : k => v if v != null }

  # The settings that hold no secret and are the same on every cloud. A module adds where
  # its sink, its dead letters, its checkpoints and its secrets are.
  #
  # receive's are apart from the others': those depend on var.connectors, and the
  # connectors need the endpoint first. As one value the two would wait for each other.
  receive_settings = merge(local.handling_settings, { for k, v in {
    DT_ORGANIZATION_ID = var.organization_id == null ? "" : var.organization_id
    DT_OIDC_ISSUER     = lookup(var.settings, "DT_OIDC_ISSUER", "")
    DT_ALLOW_SHA1      = lookup(var.settings, "DT_ALLOW_SHA1", "")
    DT_LOG_LEVEL       = var.log_level
  } : k => v if v != "" })

  # By function, each of those that run on a schedule.
  scheduled_settings = {
    sync = merge(local.api_settings, { DT_LOG_LEVEL = var.log_level })
    configure = merge(local.api_settings, { DT_LOG_LEVEL = var.log_level },
    length(local.wanted) == 0 ? {} : { DT_CONNECTOR_CONFIG = jsonencode(local.wanted) })
    recover = merge(local.handling_settings, local.api_settings, { for k, v in {
      DT_RECOVER_OVERLAP       = lookup(var.settings, "DT_RECOVER_OVERLAP", "")
      DT_RECOVER_USER_DISABLED = lookup(var.settings, "DT_RECOVER_USER_DISABLED", "")
      DT_LOG_LEVEL             = var.log_level
    } : k => v if v != "" })
  }
}
