# What everything else is made with. The connectors are named after the endpoint is known,
# so nothing that the endpoint is made of may depend on var.connectors: receive has
# resources of its own, beside those of the functions that work on connectors.

data "ibm_resource_group" "default" {
  count = var.resource_group_id == null ? 1 : 0

  is_default = true
}

# Buckets and namespaces are named apart from everybody's in the world.
resource "random_string" "suffix" {
  length  = 8
  lower   = true
  numeric = true
  special = false
  upper   = false
}

resource "ibm_code_engine_project" "this" {
  count = var.code_engine_project_id == null ? 1 : 0

  name              = var.name
  resource_group_id = local.resource_group

  lifecycle {
    postcondition {
      condition     = self.region == var.region
      error_message = "The provider ibm works in the region ${self.region}: set its region to var.region, ${var.region}, since a project is made where the provider works."
    }
  }
}

data "ibm_code_engine_project" "given" {
  count = var.code_engine_project_id == null ? 0 : 1

  project_id = var.code_engine_project_id

  lifecycle {
    postcondition {
      condition     = self.region == var.region
      error_message = "code_engine_project_id is a project in ${self.region}, not in var.region, ${var.region}."
    }
  }
}

locals {
  resource_group = var.resource_group_id == null ? data.ibm_resource_group.default[0].id : var.resource_group_id

  project_id   = var.code_engine_project_id == null ? ibm_code_engine_project.this[0].project_id : var.code_engine_project_id
  project_name = var.code_engine_project_id == null ? var.name : data.ibm_code_engine_project.given[0].name

  # IBM Cloud's tags are words, by custom with a colon between key and value.
  tags = [for k, v in merge({ dt-functions = var.name }, var.tags) : v == "" ? k : "${k}:${v}"]

  # Memory that goes with a part of a processor, and room for files, of which there are none.
  memory  = { "0.125" = "250M", "0.25" = "500M", "0.5" = "1G", "1" = "2G", "2" = "4G" }[tostring(var.cpu)]
  storage = "100M"

  # The user of the image (Dockerfile). 0, the provider's default, would be root.
  user = 65532
}
