# What only IBM Cloud has, and what every cloud has in a form of its own. The variables that
# are the same on all clouds are in shared.tf, those of the image in variables_image.tf,
# those of the secrets in variables_secrets.tf.

variable "region" {
  description = "Region that everything is made in, such as eu-de; the provider ibm must have the same. Code Engine must be there."
  type        = string
  nullable    = false

  validation {
    condition     = contains(["au-syd", "br-sao", "ca-mon", "ca-tor", "eu-de", "eu-es", "eu-gb", "jp-osa", "jp-tok", "us-east", "us-south"], var.region)
    error_message = "region must be one that Code Engine is in: au-syd, br-sao, ca-mon, ca-tor, eu-de, eu-es, eu-gb, jp-osa, jp-tok, us-east or us-south."
  }
}

variable "resource_group_id" {
  description = "Id of the resource group that everything is made in; null for the account's default group."
  type        = string
  default     = null

  validation {
    condition     = var.resource_group_id == null ? true : can(regex("^[0-9a-f]{32}$", var.resource_group_id))
    error_message = "resource_group_id must be the id of a resource group, 32 hexadecimal digits, not its name."
  }
}

variable "code_engine_project_id" {
  description = "Id of a Code Engine project of your own; null to have one made, which is called name."
  type        = string
  default     = null

  validation {
    condition     = var.code_engine_project_id == null ? true : can(regex("^[0-9a-z]{8}(-[0-9a-z]{4}){3}-[0-9a-z]{12}$", var.code_engine_project_id))
    error_message = "code_engine_project_id must be the id of a project, such as 01234567-89ab-cdef-0123-456789abcdef, not its name or CRN."
  }
}

variable "sink" {
  description = <<-EOT
    Where events go. kind is eventstreams, a topic of Kafka. existing is the CRN of a topic of your own, known when planning: none is made
    then, the dead letters get a topic in the same instance, and the functions get the role to write to both. urls are further sinks,
    https://… to forward events to, signed with a secret of their own.
  EOT
  type = object({
    kind     = optional(string, "eventstreams")
    existing = optional(string)
    urls     = optional(list(string), [])
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["eventstreams"], var.sink.kind)
    error_message = "sink.kind must be eventstreams."
  }
  validation {
    condition     = var.sink.existing == null ? true : can(regex("^crn:v1:[a-z0-9-]+:[a-z0-9-]+:messagehub:[a-z0-9-]+:a/[0-9a-f]{32}:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}:topic:[A-Za-z0-9._-]{1,200}$", var.sink.existing))
    error_message = "sink.existing must be the CRN of a topic of Event Streams, crn:v1:bluemix:public:messagehub:REGION:a/ACCOUNT:INSTANCE:topic:NAME; an instance for the module's own topics goes into event_streams.existing."
  }
  validation {
    # What stands before an @ would be a password in a setting that can be read.
    condition     = alltrue([for u in var.sink.urls : can(regex("^https://[^\\s,@/]+(/[^\\s,@]*)?$", u))])
    error_message = "sink.urls must be https:// URLs without user, password, white space and commas (%2C in a URL). A topic of your own goes into sink.existing, which also gives the role."
  }
  validation {
    condition     = length(distinct(var.sink.urls)) == length(var.sink.urls)
    error_message = "sink.urls must not name a sink twice."
  }
}

variable "event_streams" {
  description = <<-EOT
    The instance of Event Streams and the topic that the module makes. existing is the CRN of an instance of your own, which then gets the
    topics. plan is standard, or enterprise-3nodes-2tb, which alone can have a key of yours and takes hours to be made. A message is kept
    for retention_hours and as long as its partition has no more than retention_megabytes, read or not.
  EOT
  type = object({
    existing            = optional(string)
    plan                = optional(string, "standard")
    partitions          = optional(number, 1)
    retention_hours     = optional(number, 168)
    retention_megabytes = optional(number, 1024)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.event_streams.existing == null ? true : can(regex("^crn:v1:[a-z0-9-]+:[a-z0-9-]+:messagehub:[a-z0-9-]+:a/[0-9a-f]{32}:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}::$", var.event_streams.existing))
    error_message = "event_streams.existing must be the CRN of an instance of Event Streams, crn:v1:bluemix:public:messagehub:REGION:a/ACCOUNT:INSTANCE::, with both colons at its end."
  }
  validation {
    condition     = var.event_streams.existing == null || var.sink.existing == null
    error_message = "event_streams.existing is for topics that the module makes; with sink.existing the instance is that of the topic."
  }
  validation {
    condition     = contains(["standard", "enterprise-3nodes-2tb"], var.event_streams.plan)
    error_message = "event_streams.plan must be standard or enterprise-3nodes-2tb: lite has one partition, and two topics are needed."
  }
  validation {
    condition     = var.event_streams.partitions >= 1 && var.event_streams.partitions <= 100 && floor(var.event_streams.partitions) == var.event_streams.partitions
    error_message = "event_streams.partitions must be a whole number from 1 to 100."
  }
  validation {
    condition     = var.event_streams.retention_hours >= 1 && var.event_streams.retention_hours <= 720 && floor(var.event_streams.retention_hours) == var.event_streams.retention_hours
    error_message = "event_streams.retention_hours must be a whole number from 1 to 720."
  }
  validation {
    condition     = var.event_streams.retention_megabytes >= 100 && var.event_streams.retention_megabytes <= 1048576 && floor(var.event_streams.retention_megabytes) == var.event_streams.retention_megabytes
    error_message = "event_streams.retention_megabytes must be a whole number from 100 to 1048576."
  }
}

variable "object_storage" {
  description = "CRN of an instance of Object Storage of your own that gets the bucket for checkpoints; null to have one made, where there are connectors."
  type        = string
  default     = null

  validation {
    condition     = var.object_storage == null ? true : can(regex("^crn:v1:[a-z0-9-]+:[a-z0-9-]+:cloud-object-storage:global:a/[0-9a-f]{32}:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}::$", var.object_storage))
    error_message = "object_storage must be the CRN of an instance of Object Storage, crn:v1:bluemix:public:cloud-object-storage:global:a/ACCOUNT:INSTANCE::, with both colons at its end."
  }
}

variable "kms_key_crn" {
  description = "CRN of a root key of your own in Key Protect (or Hyper Protect Crypto Services) in the same region, for the bucket and an instance of Event Streams that is made; null for IBM's keys. Services are authorized to use it."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_crn == null ? true : can(regex("^crn:v1:[a-z0-9-]+:[a-z0-9-]+:(kms|hs-crypto):[a-z0-9-]+:a/[0-9a-f]{32}:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}:key:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", var.kms_key_crn))
    error_message = "kms_key_crn must be the CRN of a key, crn:v1:bluemix:public:kms:REGION:a/ACCOUNT:INSTANCE:key:KEY."
  }
  validation {
    condition     = var.kms_key_crn == null || var.event_streams.plan != "standard" || var.event_streams.existing != null || var.sink.existing != null
    error_message = "kms_key_crn needs event_streams.plan enterprise-3nodes-2tb, or an instance of your own: the plan standard cannot have a key of yours, so events would not be encrypted with it."
  }
  validation {
    condition     = var.kms_key_crn == null ? true : try(split(":", var.kms_key_crn)[5] == var.region, true)
    error_message = "kms_key_crn must be a key in the region var.region: a bucket takes no other."
  }
}

variable "cpu" {
  description = "Processors of an instance: 0.125, 0.25, 0.5, 1 or 2, with twice as many GB of memory. 0.125 is enough."
  type        = number
  default     = 0.125
  nullable    = false

  validation {
    condition     = contains([0.125, 0.25, 0.5, 1, 2], var.cpu)
    error_message = "cpu must be 0.125, 0.25, 0.5, 1 or 2: Code Engine has no other ones with twice as many GB of memory."
  }
}

variable "min_instances" {
  description = "Instances of receive that are always ready, and always paid for: no event waits for a start then."
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
  description = "Most instances of receive, each for 100 requests at a time: what a flood of requests can cost at most."
  type        = number
  default     = 10
  nullable    = false

  validation {
    condition     = var.max_instances >= 1 && var.max_instances <= 250 && floor(var.max_instances) == var.max_instances
    error_message = "max_instances must be a whole number from 1 to 250: 0 would mean no limit."
  }
}

variable "logs" {
  description = <<-EOT
    IBM Cloud Logs, which the alarms and the dashboard are made of. enabled = false makes none. existing is the CRN of an instance of your
    own in the same region, as you need where one has the region's platform logs already. query is the condition, in Lucene, by which the
    lines of this deployment are found; null for those of its Code Engine project.
  EOT
  type = object({
    enabled  = optional(bool, true)
    existing = optional(string)
    query    = optional(string)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.logs.existing == null ? true : can(regex("^crn:v1:[a-z0-9-]+:[a-z0-9-]+:logs:[a-z0-9-]+:a/[0-9a-f]{32}:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}::$", var.logs.existing))
    error_message = "logs.existing must be the CRN of an instance of IBM Cloud Logs, crn:v1:bluemix:public:logs:REGION:a/ACCOUNT:INSTANCE::, with both colons at its end."
  }
  validation {
    condition     = var.logs.existing == null ? true : try(split(":", var.logs.existing)[5] == var.region, true)
    error_message = "logs.existing must be an instance in the region var.region: Code Engine's logs stay in their region."
  }
  validation {
    condition     = var.logs.enabled || (!var.alarms.enabled && !var.dashboard)
    error_message = "logs.enabled may be false only where alarms.enabled and dashboard are false too: they look at the logs."
  }
  validation {
    condition     = var.logs.query == null ? true : length(trimspace(var.logs.query)) > 0
    error_message = "logs.query must be a condition in Lucene, such as label.Project:\"name\"."
  }
}

variable "event_notifications" {
  description = "CRN of an instance of Event Notifications of your own, by which alarms.emails are told; null to have one made, where there are addresses."
  type        = string
  default     = null

  validation {
    condition     = var.event_notifications == null ? true : can(regex("^crn:v1:[a-z0-9-]+:[a-z0-9-]+:event-notifications:[a-z0-9-]+:a/[0-9a-f]{32}:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}::$", var.event_notifications))
    error_message = "event_notifications must be the CRN of an instance of Event Notifications, crn:v1:bluemix:public:event-notifications:REGION:a/ACCOUNT:INSTANCE::, with both colons at its end."
  }
  validation {
    condition     = var.event_notifications == null || (var.alarms.enabled && length(var.alarms.emails) > 0)
    error_message = "event_notifications is for alarms.emails: without any, nobody is told by it."
  }
}

variable "dashboard" {
  description = "Make a dashboard in IBM Cloud Logs, of what came, how fast, and what went wrong."
  type        = bool
  default     = true
  nullable    = false
}
