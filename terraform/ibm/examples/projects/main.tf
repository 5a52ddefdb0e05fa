# Several DT projects, and two connectors in one of them, to one topic that is there already.

variable "region" {
  description = "IBM Cloud region."
  type        = string
  default     = "eu-de"
}

variable "image" {
  description = "Image of the server in Container Registry, with a tag."
  type        = string
}

variable "topic_crn" {
  description = "CRN of the topic that events go to."
  type        = string
}

variable "logs_crn" {
  description = "CRN of the instance of IBM Cloud Logs that has the region's platform logs."
  type        = string
}

variable "projects" {
  description = "Ids of the DT projects, by the names of your sites."
  type        = map(string)
}

variable "service_account" {
  description = "DT service account, a member of each project with the role project.developer."
  type        = object({ key_id = string, email = string })
}

variable "service_account_secret" {
  description = "Secret of its key."
  type        = string
  sensitive   = true
}

module "connector" {
  source = "../../../connector"

  url = module.dt_functions.endpoint
  connectors = merge(
    { for site, project in var.projects : site => { project = project, labels = ["name", "room"] } },
    { for site, project in var.projects : "${site}-water" => { project = project, events = ["waterPresent"] } if site == keys(var.projects)[0] },
  )
}

module "dt_functions" {
  source = "../.."

  name   = "dt-sites"
  region = var.region
  image  = var.image
  sink   = { existing = var.topic_crn }
  logs   = { existing = var.logs_crn }
  # A connector of another project that knows the secret is filtered.
  projects               = values(var.projects)
  connectors             = module.connector.names
  service_account        = var.service_account
  service_account_secret = var.service_account_secret
}

# A consumer, as an example: an identity that may read the topic, in consumer groups whose
# names begin with dt-sites.

locals {
  # crn, v1, cloud, kind, service, region, account, instance, "topic", name
  topic = split(":", module.dt_functions.topic_crn)

  reads = {
    cluster = { resource = null, operator = null }
    topic   = { resource = local.topic[9], operator = "stringEquals" }
    group   = { resource = "dt-sites*", operator = "stringMatch" }
  }
}

resource "ibm_iam_service_id" "consumer" {
  name        = "dt-sites-consumer"
  description = "Who reads the events"
}

resource "ibm_iam_service_policy" "consumer" {
  for_each = local.reads

  iam_id = ibm_iam_service_id.consumer.iam_id
  roles  = ["Reader"]

  resource_attributes {
    name  = "serviceName"
    value = "messagehub"
  }

  resource_attributes {
    name  = "serviceInstance"
    value = local.topic[7]
  }

  resource_attributes {
    name  = "resourceType"
    value = each.key
  }

  dynamic "resource_attributes" {
    for_each = each.value.resource == null ? [] : [each.value]

    content {
      name     = "resource"
      operator = resource_attributes.value.operator
      value    = resource_attributes.value.resource
    }
  }
}
