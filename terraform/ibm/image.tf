# The image: one that is given, or one that Code Engine builds from a git repository.

locals {
  builds = var.build != null
  runs   = try(var.build.run, false)

  # Container Registry's regions, by Code Engine's; private names are reached from within
  # IBM Cloud only, and cost no traffic.
  registry_hosts = {
    au-syd = "au", br-sao = "br", ca-mon = "ca", ca-tor = "ca", eu-de = "de", eu-es = "es",
    eu-gb  = "uk", jp-osa = "jp2", jp-tok = "jp", us-east = "us", us-south = "us"
  }
  registry = "private.${local.registry_hosts[var.region]}.icr.io"

  namespace_is_made = local.builds && try(var.build.namespace, null) == null
  namespace         = local.namespace_is_made ? "${var.name}-${random_string.suffix.result}" : try(var.build.namespace, null)

  image = local.builds ? "${local.registry}/${local.namespace}/dt-functions:${var.build.source_revision}" : var.image

  # host, namespace, …
  image_parts = split("/", coalesce(var.image, "//"))
  # Namespaces of this account are pulled from with a key that is made for it; icr.io
  # without a region has IBM's own images, which are public.
  image_in_ibm = !local.builds && var.registry == null && can(regex("^(private[.])?[a-z0-9]{2,3}[.]icr[.]io$", local.image_parts[0]))
  pulls        = local.builds || local.image_in_ibm

  image_secret = local.pulls || var.registry != null ? ibm_code_engine_secret.image_pull[0].name : null

  # Identities that the registry knows: who pulls may not push.
  image_identities = { for i, roles in { pull = ["Reader"], push = ["Reader", "Writer"] } : i => roles if i == "pull" ? local.pulls : local.builds }
}

resource "ibm_cr_namespace" "this" {
  count = local.namespace_is_made ? 1 : 0

  name              = local.namespace
  resource_group_id = local.resource_group
  tags              = local.tags
}

resource "ibm_iam_service_id" "image" {
  for_each = local.image_identities

  name        = "${var.name}-image-${each.key}"
  description = "Who may ${each.key} the image of ${var.name}"
}

resource "ibm_iam_service_policy" "image" {
  for_each = local.image_identities

  iam_id      = ibm_iam_service_id.image[each.key].iam_id
  description = "${var.name}-image-${each.key}"
  roles       = each.value

  resource_attributes {
    name     = "serviceName"
    operator = "stringEquals"
    value    = "container-registry"
  }

  resource_attributes {
    name     = "resourceType"
    operator = "stringEquals"
    value    = "namespace"
  }

  resource_attributes {
    name     = "resource"
    operator = "stringEquals"
    value    = local.builds ? local.namespace : local.image_parts[1]
  }
}

# A new policy takes a while to be known everywhere. An image that may not be pulled yet
# would end the making of an app.
resource "time_sleep" "image_policies" {
  count = length(local.image_identities) > 0 ? 1 : 0

  create_duration = "60s"
  triggers        = { for i, p in ibm_iam_service_policy.image : i => p.id }
}

resource "ibm_iam_service_api_key" "image" {
  for_each = local.image_identities

  name           = "${var.name}-image-${each.key}"
  description    = "By which Code Engine may ${each.key} the image of ${var.name}"
  iam_service_id = ibm_iam_service_id.image[each.key].iam_id

  lifecycle {
    create_before_destroy = true
    replace_triggered_by  = [terraform_data.secrets_version]
  }
}

resource "ibm_code_engine_secret" "image_pull" {
  count = local.pulls || var.registry != null ? 1 : 0

  project_id = local.project_id
  name       = "${var.name}-image-pull"
  format     = "registry"
  data = {
    server   = local.builds ? local.registry : var.registry == null ? local.image_parts[0] : var.registry.server
    username = local.pulls ? "iamapikey" : var.registry.username
    password = local.pulls ? ibm_iam_service_api_key.image["pull"].apikey : var.registry_password
  }
}

resource "ibm_code_engine_secret" "image_push" {
  count = local.builds ? 1 : 0

  project_id = local.project_id
  name       = "${var.name}-image-push"
  format     = "registry"
  data = {
    server   = local.registry
    username = "iamapikey"
    password = ibm_iam_service_api_key.image["push"].apikey
  }
}

resource "ibm_code_engine_build" "image" {
  count = local.builds ? 1 : 0

  project_id         = local.project_id
  name               = "${var.name}-image"
  source_type        = "git"
  source_url         = var.build.source_url
  source_revision    = var.build.source_revision
  source_secret      = var.build.source_secret
  strategy_type      = "dockerfile"
  strategy_spec_file = "Dockerfile"
  strategy_size      = var.build.size
  output_image       = local.image
  output_secret      = ibm_code_engine_secret.image_push[0].name
  timeout            = 1200

  depends_on = [ibm_cr_namespace.this]
}

# A build is only how to build; the provider has no resource that does it.
resource "terraform_data" "build_run" {
  count = local.runs ? 1 : 0

  triggers_replace = [local.project_id, ibm_code_engine_build.image[0].name, var.build.source_url, local.image]

  provisioner "local-exec" {
    command = <<-EOT
      command -v ibmcloud >/dev/null || { echo "build.run needs the program ibmcloud with its plugin code-engine; or set build.run = false, see README.md" >&2; exit 1; }
      ibmcloud target -q -r "$REGION" && ibmcloud ce project select --id "$PROJECT" && ibmcloud ce buildrun submit --build "$BUILD" --wait --wait-timeout 1200
    EOT
    environment = {
      REGION  = var.region
      PROJECT = local.project_id
      BUILD   = ibm_code_engine_build.image[0].name
    }
  }

  depends_on = [time_sleep.image_policies]
}
