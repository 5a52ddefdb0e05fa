# What is always written here, and why: a type, a configuration block that fits it, a
# bare project id, headers and signature_secret. The provider passes wrong ones through
# validate and plan, and null for the last two leaves a tainted connector behind.
resource "dt_data_connector" "this" {
  for_each = var.manage_connector ? var.connectors : {}

  display_name = coalesce(each.value.display_name, "dt-functions ${each.key}")
  type         = "HTTP_PUSH"
  project      = each.value.project
  events       = each.value.events
  labels       = each.value.labels

  http_config = {
    url              = var.url
    headers          = {}
    signature_secret = var.signature_secret
  }

  lifecycle {
    # The running secret and the headers belong to the function configure, and to the
    # rotation of the secret. Without this an apply would put back the first secret, and
    # every event would be refused.
    ignore_changes = [http_config.signature_secret, http_config.headers]

    postcondition {
      condition     = can(regex("^projects/${each.value.project}/data[cC]onnectors/[^/]+$", self.name))
      error_message = "DT has named the connector otherwise than projects/P/dataconnectors/C: see whether project is a bare id."
    }
  }
}

locals {
  names = { for k, c in var.connectors : k => (
    var.manage_connector ? dt_data_connector.this[k].name : lookup(var.existing, k, null)
  ) if var.manage_connector || contains(keys(var.existing), k) }

  # In the form of DT_CONNECTOR_CONFIG.
  wanted = { for k, c in var.connectors : k => {
    displayName = coalesce(c.display_name, "dt-functions ${k}")
    events      = c.events
    labels      = c.labels
    httpConfig  = { url = var.url }
  } }

  # For dtfn connector create, whose lists are comma-separated.
  flags = { for k, c in var.connectors : k => join("", [
    length(c.events) == 0 ? "" : " --events '${join(",", c.events)}'",
    " --labels '${replace(join(",", c.labels), "'", "'\\''")}'",
  ]) }
}

check "existing_are_named" {
  assert {
    condition     = var.manage_connector || length(var.existing) == length(var.connectors)
    error_message = "manage_connector is false and existing does not name every connector: make them with the lines of the output commands, then name them in existing."
  }
}
