# The app that receives. The connectors are named after the endpoint is known, so nothing
# that the endpoint is made of may depend on var.connectors: what works on connectors is
# in jobs.tf.

# An app's name is unique among all of Heroku's.
resource "random_string" "suffix" {
  length  = 4
  upper   = false
  special = false
}

resource "heroku_app" "receive" {
  name   = local.name
  region = var.region
  space  = var.space
  stack  = local.stack

  # A certificate for the domain. That of herokuapp.com is always there.
  acm = var.domain == null ? null : true

  dynamic "organization" {
    for_each = var.team[*]

    content {
      name = organization.value
    }
  }
}

locals {
  name  = var.app_name == null ? "${var.name}-${random_string.suffix.result}" : var.app_name
  stack = "heroku-24"

  archive          = var.archive == null ? "${path.module}/../../dist/heroku.tgz" : var.archive
  archive_checksum = "SHA256:${filesha256(local.archive)}"
}
