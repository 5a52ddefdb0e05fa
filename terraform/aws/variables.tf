# What is AWS's own. The variables that are the same on every cloud are in shared.tf.

variable "archive" {
  description = "The program, an archive for arm64 that `make build` has made; null means dist/aws.zip of this repository."
  type        = string
  default     = null

  validation {
    condition     = fileexists(var.archive == null ? "${path.module}/../../dist/aws.zip" : var.archive)
    error_message = "archive is not there: run `make build` first, or let archive name the file."
  }
}

variable "endpoint" {
  description = "What DT posts to: function_url, which costs nothing of its own, or http_api."
  type        = string
  default     = "function_url"
  nullable    = false

  validation {
    condition     = contains(["function_url", "http_api"], var.endpoint)
    error_message = "endpoint must be function_url or http_api."
  }
}

variable "sink" {
  description = <<-EOT
    Where events go. kind is sqs, sns, eventbridge or kinesis. existing is the ARN of one of your own, of that kind, known when planning:
    none is made then, and the functions get the permission to publish to it. urls are further sinks, https://… to forward events to,
    signed with a secret of their own; no secret belongs in a URL.
  EOT
  type = object({
    kind     = optional(string, "sqs")
    existing = optional(string)
    urls     = optional(list(string), [])
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["sqs", "sns", "eventbridge", "kinesis"], var.sink.kind)
    error_message = "sink.kind must be sqs, sns, eventbridge or kinesis."
  }
  validation {
    condition = var.sink.existing == null ? true : can(regex({
      sqs         = "^arn:aws[a-z-]*:sqs:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,80}([.]fifo)?$"
      sns         = "^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}([.]fifo)?$"
      eventbridge = "^arn:aws[a-z-]*:events:[a-z0-9-]+:[0-9]{12}:event-bus/[A-Za-z0-9_./-]{1,256}$"
      kinesis     = "^arn:aws[a-z-]*:kinesis:[a-z0-9-]+:[0-9]{12}:stream/[A-Za-z0-9_.-]{1,128}$"
    }[var.sink.kind], var.sink.existing))
    error_message = "sink.existing must be the ARN of a queue, topic, event bus or stream, as sink.kind says."
  }
  validation {
    # What stands before an @ would be a password in an environment variable.
    condition     = alltrue([for u in var.sink.urls : can(regex("^https://[^\\s,@/]+(/[^\\s,@]*)?$", u))])
    error_message = "sink.urls must be https:// URLs without user, password, white space and commas (%2C in a URL). A queue, topic, bus or stream of your own goes into sink.existing, which also gives the permission."
  }
  validation {
    condition     = length(distinct(var.sink.urls)) == length(var.sink.urls)
    error_message = "sink.urls must not name a sink twice."
  }
}

variable "sink_fifo" {
  description = "Make the queue or topic a FIFO one: a device's events stay in order, and what comes twice within 5 minutes is dropped."
  type        = bool
  default     = false
  nullable    = false

  validation {
    condition     = !var.sink_fifo || (contains(["sqs", "sns"], var.sink.kind) && var.sink.existing == null)
    error_message = "sink_fifo is for a queue or a topic that the module makes; one of your own is known as FIFO by its name."
  }
}

variable "sink_kms_key_arn" {
  description = "ARN of the KMS key that the queue, topic or stream in sink.existing is encrypted with; null if it has none of yours."
  type        = string
  default     = null

  validation {
    condition     = var.sink_kms_key_arn == null ? true : can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.sink_kms_key_arn))
    error_message = "sink_kms_key_arn must be the ARN of a KMS key (not of an alias)."
  }
  validation {
    condition     = var.sink_kms_key_arn == null || var.sink.existing != null
    error_message = "sink_kms_key_arn is for sink.existing; what the module makes is encrypted with kms_key_arn."
  }
}

variable "queue" {
  description = <<-EOT
    Settings of the queue that the module makes: how long a message that was received is hidden from others (at least your consumer's
    longest run), how long messages are kept, how often a message is received before it goes to the dead-letter queue, and how old the
    oldest message may become before that is alarmed on.
  EOT
  type = object({
    visibility_timeout_seconds = optional(number, 60)
    retention_days             = optional(number, 14)
    max_receive_count          = optional(number, 5)
    max_age_hours              = optional(number, 24)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.queue.visibility_timeout_seconds >= 0 && var.queue.visibility_timeout_seconds <= 43200 && floor(var.queue.visibility_timeout_seconds) == var.queue.visibility_timeout_seconds
    error_message = "queue.visibility_timeout_seconds must be a whole number from 0 to 43200."
  }
  validation {
    condition     = var.queue.retention_days >= 1 && var.queue.retention_days <= 14 && floor(var.queue.retention_days) == var.queue.retention_days
    error_message = "queue.retention_days must be a whole number from 1 to 14."
  }
  validation {
    condition     = var.queue.max_receive_count >= 1 && var.queue.max_receive_count <= 1000 && floor(var.queue.max_receive_count) == var.queue.max_receive_count
    error_message = "queue.max_receive_count must be a whole number from 1 to 1000."
  }
  validation {
    condition     = var.queue.max_age_hours > 0 && var.queue.max_age_hours < var.queue.retention_days * 24
    error_message = "queue.max_age_hours must be more than 0 and less than queue.retention_days: what is older is gone."
  }
}

variable "event_source" {
  description = "Source of the events on an event bus, which rules find them by."
  type        = string
  default     = "com.disruptive-technologies"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9._/-]{1,256}$", var.event_source)) && !startswith(var.event_source, "aws.")
    error_message = "event_source must have 1 to 256 letters, digits and . _ / -, and not begin with aws., which is AWS's own."
  }
}

variable "signature_secret" {
  description = "Secret that the connectors sign with; null for a random one. It is written to Secrets Manager and kept neither in the state nor in a plan."
  type        = string
  default     = null
  sensitive   = true
  ephemeral   = true

  validation {
    condition     = var.signature_secret == null ? true : can(regex("^[!-~]{16,}$", var.signature_secret)) && !can(regex("^aws-(secretsmanager|ssm)://", var.signature_secret))
    error_message = "signature_secret must have at least 16 characters, visible ones of ASCII, and be the secret itself, not a reference."
  }
}

variable "service_account_secret" {
  description = "Secret of the key in service_account. It is written to Secrets Manager and kept neither in the state nor in a plan."
  type        = string
  default     = null
  sensitive   = true
  ephemeral   = true

  validation {
    condition     = var.service_account_secret == null ? true : can(regex("^[!-~]+$", var.service_account_secret)) && !can(regex("^aws-(secretsmanager|ssm)://", var.service_account_secret))
    error_message = "service_account_secret must have visible characters of ASCII alone, and be the secret itself, not a reference."
  }
  validation {
    condition     = var.service_account_secret != null || length(var.connectors) == 0
    error_message = "service_account_secret is required where connectors are given."
  }
}

variable "secrets_version" {
  description = "Raise it to write signature_secret and service_account_secret anew: their values are not kept, so a change of them is not seen."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = var.secrets_version >= 1 && floor(var.secrets_version) == var.secrets_version
    error_message = "secrets_version must be a whole number of 1 or more."
  }
}

variable "rotation" {
  description = "Let Secrets Manager change the signature secret each so many days, at the connectors too. No event is refused meanwhile."
  type = object({
    enabled = optional(bool, false)
    days    = optional(number, 30)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.rotation.days >= 1 && var.rotation.days <= 1000 && floor(var.rotation.days) == var.rotation.days
    error_message = "rotation.days must be a whole number from 1 to 1000: DT delivers what it has signed for up to 12 hours, so never rotate more often than daily."
  }
  validation {
    condition     = !var.rotation.enabled || length(var.connectors) > 0
    error_message = "rotation.enabled needs connectors: a secret that they do not get would refuse their events."
  }
}

variable "kms_key_arn" {
  description = "ARN of a KMS key of your own for secrets, queues, topic, bus, stream, checkpoints, logs and the functions' settings; null for AWS's keys. Its policy must allow what the README says."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null ? true : can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a KMS key (not of an alias)."
  }
}

variable "memory_size" {
  description = "Memory of the functions in MB. 128 is enough; more is also more of a processor."
  type        = number
  default     = 128
  nullable    = false

  validation {
    condition     = var.memory_size >= 128 && var.memory_size <= 10240 && floor(var.memory_size) == var.memory_size
    error_message = "memory_size must be a whole number from 128 to 10240."
  }
}

variable "reserved_concurrency" {
  description = "Most environments of receive at a time, taken from the account's own limit; null for no limit of its own."
  type        = number
  default     = null

  validation {
    condition     = var.reserved_concurrency == null ? true : var.reserved_concurrency >= 1 && floor(var.reserved_concurrency) == var.reserved_concurrency
    error_message = "reserved_concurrency must be a whole number of 1 or more: with 0 nothing would be received."
  }
}

variable "provisioned_concurrency" {
  description = "Environments of receive that are always ready, and always paid for. To change from 0 or to 0 changes a function URL."
  type        = number
  default     = 0
  nullable    = false

  validation {
    condition     = var.provisioned_concurrency >= 0 && floor(var.provisioned_concurrency) == var.provisioned_concurrency
    error_message = "provisioned_concurrency must be a whole number of 0 or more."
  }
  validation {
    condition     = var.reserved_concurrency == null ? true : var.provisioned_concurrency <= var.reserved_concurrency
    error_message = "provisioned_concurrency must not be more than reserved_concurrency."
  }
}

variable "roles" {
  description = "ARNs of roles of your own, by function: receive, sync, configure, recover, rotate. Such a function gets no role made, and its permissions are yours to give."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for f in keys(var.roles) : contains(["receive", "sync", "configure", "recover", "rotate"], f)])
    error_message = "roles must have the keys receive, sync, configure, recover or rotate."
  }
  validation {
    condition     = alltrue([for r in values(var.roles) : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/.+$", r))])
    error_message = "roles must be ARNs of roles."
  }
}

variable "permissions_boundary" {
  description = "ARN of a policy that bounds every role that the module makes."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary == null ? true : can(regex("^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/.+$", var.permissions_boundary))
    error_message = "permissions_boundary must be the ARN of an IAM policy."
  }
}

variable "dashboard" {
  description = "Make a dashboard. An account's first three cost nothing."
  type        = bool
  default     = true
  nullable    = false
}

variable "budget_usd" {
  description = "US dollars a month that alarms.emails are told of when 80 % are spent or all is forecast; null for no budget. It counts what has the tag dt-functions, which must be activated as a cost allocation tag in the account's billing."
  type        = number
  default     = null

  validation {
    condition     = var.budget_usd == null ? true : var.budget_usd > 0
    error_message = "budget_usd must be more than 0."
  }
  validation {
    condition     = var.budget_usd == null || length(var.alarms.emails) > 0
    error_message = "budget_usd needs alarms.emails: somebody must be told."
  }
}
