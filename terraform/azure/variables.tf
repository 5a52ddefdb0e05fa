# What only Azure has, and what every cloud has in a form of its own. The variables that are
# the same on all clouds are in shared.tf.

variable "location" {
  description = "Azure region, such as norwayeast; null for that of the resource group in resource_group_name. It must have Flex Consumption: az functionapp list-flexconsumption-locations."
  type        = string
  default     = null

  validation {
    condition     = var.location == null ? true : can(regex("^[A-Za-z][A-Za-z0-9 ]{2,39}$", var.location))
    error_message = "location must be the name of a region, such as norwayeast or Norway East."
  }
  validation {
    condition     = var.location != null || var.resource_group_name != null
    error_message = "location is required where resource_group_name is not given."
  }
}

variable "resource_group_name" {
  description = "Name of a resource group of your own that everything is made in; null to have one made, which is called name."
  type        = string
  default     = null

  validation {
    condition     = var.resource_group_name == null ? true : can(regex("^[A-Za-z0-9_().-]{0,89}[A-Za-z0-9_()-]$", var.resource_group_name))
    error_message = "resource_group_name must have 1 to 90 letters, digits and _ - . ( ), and not end with a period."
  }
}

variable "archive" {
  description = "Path of the archive to deploy, for x86-64; null for dist/azure.zip, which make build makes."
  type        = string
  default     = null

  validation {
    condition     = fileexists(coalesce(var.archive, "${path.module}/../../dist/azure.zip"))
    error_message = "archive is not there: run make build first, or name another file."
  }
}

variable "deploy" {
  description = <<-EOT
    How the archive gets to the apps: storage puts it into each app's own container under the name that the platform starts a package
    by; zip posts it to the app's deployment endpoint, which takes a version of the provider that knows that of Flex Consumption; none
    leaves it to you (az functionapp deployment source config-zip).
  EOT
  type        = string
  default     = "storage"
  nullable    = false

  validation {
    condition     = contains(["storage", "zip", "none"], var.deploy)
    error_message = "deploy must be storage, zip or none."
  }
}

variable "sync_timers" {
  description = <<-EOT
    With deploy = storage, tell the platform of the timers as a part of the apply, which it does not learn by itself then. It needs the Azure
    CLI (az), signed in, where Terraform runs. With false run the commands in the output sync_timers yourself: see README.md.
  EOT
  type        = bool
  default     = true
  nullable    = false
}

variable "sink" {
  description = <<-EOT
    Where events go. kind is queue (a Storage queue), servicebus or eventhubs. existing is the resource id of one of your own, of that
    kind, known when planning: none is made then, and the functions get the role to send to it. urls are further sinks, https://… to
    forward events to, signed with a secret of their own.
  EOT
  type = object({
    kind     = optional(string, "queue")
    existing = optional(string)
    urls     = optional(list(string), [])
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["queue", "servicebus", "eventhubs"], var.sink.kind)
    error_message = "sink.kind must be queue, servicebus or eventhubs."
  }
  validation {
    condition = var.sink.existing == null ? true : can(regex({
      queue      = "^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft[.]Storage/storageAccounts/[a-z0-9]{3,24}/queueServices/default/queues/[a-z0-9]([a-z0-9-]{1,61})[a-z0-9]$"
      servicebus = "^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft[.]ServiceBus/namespaces/[A-Za-z0-9-]{6,50}/(queues|topics)/[A-Za-z0-9._-]{1,260}$"
      eventhubs  = "^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft[.]EventHub/namespaces/[A-Za-z0-9-]{6,50}/eventhubs/[A-Za-z0-9._-]{1,256}$"
    }[var.sink.kind], var.sink.existing))
    error_message = "sink.existing must be the resource id of a Storage queue, of a Service Bus queue or topic, or of an event hub, as sink.kind says."
  }
  validation {
    # What stands before an @ would be a password in an app setting.
    condition     = alltrue([for u in var.sink.urls : can(regex("^https://[^\\s,@/]+(/[^\\s,@]*)?$", u))])
    error_message = "sink.urls must be https:// URLs without user, password, white space and commas (%2C in a URL). A queue, topic or hub of your own goes into sink.existing, which also gives the role."
  }
  validation {
    condition     = length(distinct(var.sink.urls)) == length(var.sink.urls)
    error_message = "sink.urls must not name a sink twice."
  }
}

variable "eventhubs" {
  description = "Settings of the event hub that the module makes: partitions (never to be changed), hours that events are kept, throughput units of its namespace."
  type = object({
    partitions       = optional(number, 4)
    retention_hours  = optional(number, 168)
    throughput_units = optional(number, 1)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.eventhubs.partitions >= 1 && var.eventhubs.partitions <= 32 && floor(var.eventhubs.partitions) == var.eventhubs.partitions
    error_message = "eventhubs.partitions must be a whole number from 1 to 32."
  }
  validation {
    condition     = var.eventhubs.retention_hours >= 1 && var.eventhubs.retention_hours <= 168 && floor(var.eventhubs.retention_hours) == var.eventhubs.retention_hours
    error_message = "eventhubs.retention_hours must be a whole number from 1 to 168."
  }
  validation {
    condition     = var.eventhubs.throughput_units >= 1 && var.eventhubs.throughput_units <= 40 && floor(var.eventhubs.throughput_units) == var.eventhubs.throughput_units
    error_message = "eventhubs.throughput_units must be a whole number from 1 to 40."
  }
}

variable "identities" {
  description = "User-assigned identities of your own, by function: receive, sync, configure, recover. Such a function gets none made, and its roles on storage, sink, telemetry and secrets are yours to give: see README.md."
  type = map(object({
    id        = string
    client_id = string
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for f in keys(var.identities) : contains(["receive", "sync", "configure", "recover"], f)])
    error_message = "identities must have the keys receive, sync, configure or recover."
  }
  validation {
    condition     = alltrue([for i in values(var.identities) : can(regex("^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft[.]ManagedIdentity/userAssignedIdentities/[^/]+$", i.id))])
    error_message = "identities must each have the resource id of a user-assigned identity as id."
  }
  validation {
    condition     = alltrue([for i in values(var.identities) : can(regex("^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$", i.client_id))])
    error_message = "identities must each have a UUID as client_id."
  }
}

variable "operator_ips" {
  description = "Address ranges (CIDR) from which the scheduled functions can be run by hand with the app's master key, and the apps be deployed to. With none, nobody reaches the scheduled apps; with deploy = zip, deploying is then open to whoever has the credentials."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for r in var.operator_ips : can(cidrhost(r, 0))])
    error_message = "operator_ips must be address ranges such as 192.0.2.0/24 or 192.0.2.7/32."
  }
  validation {
    condition     = alltrue([for r in var.operator_ips : !endswith(r, "/0")])
    error_message = "operator_ips must not be the whole Internet: receive alone is public."
  }
}

variable "memory_mb" {
  description = "Memory of an instance in MB: 512, 2048 or 4096. 512 is enough."
  type        = number
  default     = 512
  nullable    = false

  validation {
    condition     = contains([512, 2048, 4096], var.memory_mb)
    error_message = "memory_mb must be 512, 2048 or 4096."
  }
}

variable "max_instances" {
  description = "Most instances of receive at a time."
  type        = number
  default     = 100
  nullable    = false

  validation {
    condition     = var.max_instances >= 40 && var.max_instances <= 1000 && floor(var.max_instances) == var.max_instances
    error_message = "max_instances must be a whole number from 40 to 1000."
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

variable "storage_replication" {
  description = "Where the queue, the dead letters and the checkpoints are kept: LRS, ZRS, GRS, RAGRS, GZRS or RAGZRS. Not every region has all."
  type        = string
  default     = "LRS"
  nullable    = false

  validation {
    condition     = contains(["LRS", "ZRS", "GRS", "RAGRS", "GZRS", "RAGZRS"], var.storage_replication)
    error_message = "storage_replication must be LRS, ZRS, GRS, RAGRS, GZRS or RAGZRS."
  }
}

variable "customer_managed_key" {
  description = "Key of your own that the storage accounts are encrypted with, queues included: its URL in Key Vault, without a version, and the user-assigned identity that may use it (Key Vault Crypto Service Encryption User). null for Azure's keys."
  type = object({
    key_vault_key_id          = string
    user_assigned_identity_id = string
  })
  default = null

  validation {
    condition     = var.customer_managed_key == null ? true : can(regex("^https://[a-zA-Z0-9-]{3,24}[.][a-z0-9.-]+/keys/[A-Za-z0-9-]{1,127}$", var.customer_managed_key.key_vault_key_id))
    error_message = "customer_managed_key.key_vault_key_id must be the URL of a key without a version, such as https://vault.vault.azure.net/keys/name."
  }
  validation {
    condition     = var.customer_managed_key == null ? true : can(regex("^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft[.]ManagedIdentity/userAssignedIdentities/[^/]+$", var.customer_managed_key.user_assigned_identity_id))
    error_message = "customer_managed_key.user_assigned_identity_id must be the resource id of a user-assigned identity."
  }
  validation {
    condition     = var.customer_managed_key == null || var.sink.kind == "queue" || var.sink.existing != null
    error_message = "customer_managed_key is for Storage queues: namespaces of the tier that the module makes cannot have one. Bring a Premium namespace in sink.existing."
  }
}

variable "dashboard" {
  description = "Make a workbook with what came, how fast, and what went wrong. It costs nothing but its queries."
  type        = bool
  default     = true
  nullable    = false
}

variable "budget" {
  description = "Amount a month, in the currency that you are billed in, that alarms.emails are told of when 80 % are spent or all is forecast; null for no budget. It counts the whole resource group."
  type        = number
  default     = null

  validation {
    condition     = var.budget == null ? true : var.budget > 0
    error_message = "budget must be more than 0."
  }
  validation {
    condition     = var.budget == null || length(var.alarms.emails) > 0
    error_message = "budget needs alarms.emails: somebody must be told."
  }
}
