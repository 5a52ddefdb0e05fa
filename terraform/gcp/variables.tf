# The variables of Google Cloud. Those that every cloud has are in shared.tf, and those of
# the secrets in variables_secrets.tf.

variable "project_id" {
  description = "Id of the Google Cloud project that everything is made in."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project_id))
    error_message = "project_id must be the id of a project, of 6 to 30 lower-case letters, digits and hyphens, not its name or number."
  }
}

variable "region" {
  description = "Region that everything is made in, such as europe-north1. Cloud Run functions and Cloud Scheduler must both be there."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^(africa|asia|australia|europe|me|northamerica|southamerica|us)-[a-z]+[0-9]{1,2}$", var.region))
    error_message = "region must be the name of a region, such as europe-north1, not of a zone or a multi-region."
  }
}

variable "archive" {
  description = "Source archive of the functions; null for dist/gcp.zip, which `make build` makes."
  type        = string
  default     = null

  validation {
    condition     = var.archive == null ? true : endswith(var.archive, ".zip")
    error_message = "archive must be the path of a .zip file."
  }
}

variable "sink" {
  description = <<-EOT
    Where events go. kind: pubsub, a topic, or none, for urls alone. existing: id of a topic of your own, projects/P/topics/T; then no
    topic and no subscription is made, only the permission to publish given. urls: https:// URLs that get every event too, signed with a
    secret of their own (output forward_secret). An event is accepted when all sinks have it.
  EOT
  type = object({
    kind     = optional(string, "pubsub")
    existing = optional(string)
    urls     = optional(list(string), [])
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["pubsub", "none"], var.sink.kind)
    error_message = "sink.kind must be pubsub or none."
  }
  validation {
    condition     = var.sink.existing == null ? true : can(regex("^projects/[a-z][a-z0-9.:-]{4,62}/topics/[A-Za-z][A-Za-z0-9._~+%-]{2,254}$", var.sink.existing))
    error_message = "sink.existing must be the id of a topic, projects/P/topics/T."
  }
  validation {
    condition     = var.sink.existing == null || var.sink.kind != "none"
    error_message = "sink.existing is a topic, which sink.kind none has no use for."
  }
  validation {
    condition     = var.sink.kind != "none" || length(var.sink.urls) > 0
    error_message = "sink.urls must have a URL where sink.kind is none: events must go somewhere."
  }
  validation {
    # The URLs are settings that everybody can read who may see the function.
    condition     = alltrue([for u in var.sink.urls : can(regex("^https://[^\\s@/?#]+(/[^\\s@?#]*)?$", u))])
    error_message = "sink.urls must be https:// URLs without user, password, query and fragment: what is secret does not belong in a setting."
  }
  validation {
    condition     = length(distinct(var.sink.urls)) == length(var.sink.urls)
    error_message = "sink.urls must not name a URL twice."
  }
}

variable "subscription" {
  description = <<-EOT
    The pull subscription on the topic that the module makes. enabled: false where there are others, the table's or your own (output topic);
    what comes while a topic has no subscription is lost. message_ordering: each device's events in order. retention_days: how long
    events are kept for who has not fetched them. max_delivery_attempts: after so many an event goes to the dead-letter topic
    NAME-undelivered. max_age_hours: how old the oldest event may become before that is alarmed on.
  EOT
  type = object({
    enabled               = optional(bool, true)
    message_ordering      = optional(bool, false)
    ack_deadline_seconds  = optional(number, 60)
    retention_days        = optional(number, 7)
    max_delivery_attempts = optional(number, 10)
    max_age_hours         = optional(number, 24)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.subscription.ack_deadline_seconds >= 10 && var.subscription.ack_deadline_seconds <= 600 && floor(var.subscription.ack_deadline_seconds) == var.subscription.ack_deadline_seconds
    error_message = "subscription.ack_deadline_seconds must be a whole number from 10 to 600."
  }
  validation {
    condition     = var.subscription.retention_days >= 1 && var.subscription.retention_days <= 31 && floor(var.subscription.retention_days) == var.subscription.retention_days
    error_message = "subscription.retention_days must be a whole number from 1 to 31."
  }
  validation {
    condition     = var.subscription.max_delivery_attempts >= 5 && var.subscription.max_delivery_attempts <= 100 && floor(var.subscription.max_delivery_attempts) == var.subscription.max_delivery_attempts
    error_message = "subscription.max_delivery_attempts must be a whole number from 5 to 100."
  }
  validation {
    condition     = var.subscription.max_age_hours > 0 && var.subscription.max_age_hours < var.subscription.retention_days * 24
    error_message = "subscription.max_age_hours must be more than 0 and less than subscription.retention_days: what is older is gone."
  }
}

variable "bigquery" {
  description = <<-EOT
    A BigQuery table of all events, filled by a subscription of its own without any code: columns data (JSON, the event), attributes,
    publish_time and message_id. location: null for the region. expiration_days: null to keep events for ever. deletion_protection: false
    lets Terraform remove the table with all events.
  EOT
  type = object({
    enabled             = optional(bool, false)
    location            = optional(string)
    expiration_days     = optional(number)
    deletion_protection = optional(bool, true)
  })
  default  = {}
  nullable = false

  validation {
    condition     = !var.bigquery.enabled || var.sink.kind == "pubsub"
    error_message = "bigquery.enabled needs the topic that sink.kind pubsub has."
  }
  validation {
    condition     = var.bigquery.location == null ? true : can(regex("^(US|EU|(africa|asia|australia|europe|me|northamerica|southamerica|us)-[a-z]+[0-9]{1,2})$", var.bigquery.location))
    error_message = "bigquery.location must be US, EU or a region, such as europe-north1."
  }
  validation {
    condition     = var.bigquery.location == null || var.bigquery.location == var.region || var.kms_key_name == null
    error_message = "bigquery.location must be left out, or be the region, with kms_key_name: BigQuery takes keys of its own location alone."
  }
  validation {
    condition     = var.bigquery.expiration_days == null ? true : var.bigquery.expiration_days >= 1 && floor(var.bigquery.expiration_days) == var.bigquery.expiration_days
    error_message = "bigquery.expiration_days must be a whole number of 1 or more."
  }
}

variable "min_instances" {
  description = "Instances of receive that are always there, so that no event waits for a start. They cost money also when nothing comes."
  type        = number
  default     = 0
  nullable    = false

  validation {
    condition     = var.min_instances >= 0 && floor(var.min_instances) == var.min_instances
    error_message = "min_instances must be a whole number of 0 or more."
  }
  validation {
    condition     = var.min_instances <= var.max_instances
    error_message = "min_instances must not be more than max_instances."
  }
}

variable "max_instances" {
  description = "Most instances of receive, each for 80 requests at a time: what a flood of requests can cost at most."
  type        = number
  default     = 10
  nullable    = false

  validation {
    condition     = var.max_instances >= 1 && var.max_instances <= 1000 && floor(var.max_instances) == var.max_instances
    error_message = "max_instances must be a whole number from 1 to 1000."
  }
}

variable "kms_key_name" {
  description = "Customer-managed key of topics, buckets, secrets, images, functions and the BigQuery dataset; null for Google's own keys. README.md says who must be allowed to use it."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_name == null ? true : can(regex("^projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/]+$", var.kms_key_name))
    error_message = "kms_key_name must be the name of a key, projects/P/locations/L/keyRings/R/cryptoKeys/K, without a version."
  }
  validation {
    condition     = try(split("/", var.kms_key_name)[3] == var.region, true)
    error_message = "kms_key_name must be a key in the region of the functions."
  }
}

variable "service_accounts" {
  description = "E-mail addresses of service accounts of your own in the project, by what they are for: receive, sync, configure, recover, build, scheduler. Such an account is not made; it gets the same permissions."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for k in keys(var.service_accounts) : contains(["receive", "sync", "configure", "recover", "build", "scheduler"], k)])
    error_message = "service_accounts must have the keys receive, sync, configure, recover, build or scheduler."
  }
  validation {
    condition     = alltrue([for a in values(var.service_accounts) : can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]@", a)) && endswith(a, "@${var.project_id}.iam.gserviceaccount.com")])
    error_message = "service_accounts must be e-mail addresses of service accounts in the project, ID@PROJECT.iam.gserviceaccount.com."
  }
  validation {
    condition     = length(distinct(values(var.service_accounts))) == length(var.service_accounts)
    error_message = "service_accounts must not name an account twice: each function may do only what it must."
  }
}

variable "dashboard" {
  description = "Make a dashboard. It costs nothing."
  type        = bool
  default     = true
  nullable    = false
}

variable "budget" {
  description = "Alert on what the whole project costs in a month: billing_account it is paid by, and amount in currency, which must be the account's (null for that); null for none."
  type = object({
    billing_account = string
    amount          = number
    currency        = optional(string)
  })
  default = null

  validation {
    condition     = var.budget == null ? true : can(regex("^[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}$", var.budget.billing_account))
    error_message = "budget.billing_account must be the id of a billing account, such as 012345-6789AB-CDEF01."
  }
  validation {
    condition     = var.budget == null ? true : var.budget.amount >= 1 && floor(var.budget.amount) == var.budget.amount
    error_message = "budget.amount must be a whole number of 1 or more."
  }
  validation {
    condition     = try(var.budget.currency, null) == null ? true : can(regex("^[A-Z]{3}$", var.budget.currency))
    error_message = "budget.currency must be a currency of three capital letters, such as EUR."
  }
}

variable "enable_apis" {
  description = "Whether the APIs that are needed are enabled in the project. They stay enabled when the module is destroyed."
  type        = bool
  default     = true
  nullable    = false
}
