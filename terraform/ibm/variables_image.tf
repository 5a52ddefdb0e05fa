# The program: an image that is there, or one that is built.

variable "image" {
  description = "Image of the server, with a tag or a digest: REGISTRY/NAMESPACE/NAME:TAG or …@sha256:…. An image in IBM's Container Registry, of the same account, is pulled with a key that the module makes. null where build makes it."
  type        = string
  default     = null

  validation {
    condition     = var.image == null ? true : length(var.image) <= 256 && can(regex("^[a-z0-9][a-z0-9._-]+[.:][a-z0-9.:]+/([a-z0-9][a-z0-9._-]*/)*[a-z0-9][a-z0-9._-]*(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[0-9a-f]{64})?$", var.image))
    error_message = "image must be of the form REGISTRY/NAMESPACE/NAME:TAG or REGISTRY/NAMESPACE/NAME@sha256:DIGEST, at most 256 characters."
  }
  validation {
    condition     = var.image == null ? true : can(regex("(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}|@sha256:[0-9a-f]{64})$", reverse(split("/", var.image))[0])) && !endswith(var.image, ":latest")
    error_message = "image must have a digest or a tag, and not latest: what stands there changes without a sign, and would not be deployed."
  }
}

variable "registry" {
  description = "Login of the registry that image is in, where that is none of IBM's and not public: its host and a user. The password is registry_password."
  type = object({
    server   = string
    username = string
  })
  default = null

  validation {
    condition     = var.registry == null ? true : can(regex("^[a-z0-9][a-z0-9.-]+(:[0-9]{1,5})?(/[a-z0-9/._-]*)?$", var.registry.server)) && length(trimspace(var.registry.username)) > 0
    error_message = "registry must have the registry's host in server, without https://, and a user in username."
  }
  validation {
    condition     = var.registry == null || var.image != null
    error_message = "registry is for image; what build makes is in IBM's Container Registry."
  }
}

variable "build" {
  description = <<-EOT
    Let Code Engine build the image from a git repository, by its Dockerfile: source_url, and in source_revision a commit or a tag, which
    becomes the image's tag. source_secret is the name of a secret of format ssh_auth in a project of your own, for a private repository.
    namespace is one of yours in the region's Container Registry; null to have one made. run = false does not run the build: see README.md.
  EOT
  type = object({
    source_url      = string
    source_revision = string
    source_secret   = optional(string)
    namespace       = optional(string)
    size            = optional(string, "medium")
    run             = optional(bool, true)
  })
  default = null

  validation {
    condition     = (var.image == null) != (var.build == null)
    error_message = "Either image or build is required: an image that is there, or where the source is that one is built from."
  }
  validation {
    condition     = var.build == null ? true : length(var.build.source_url) <= 253 && can(regex("^(https://[a-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._-]+)+|(ssh://)?git@[a-z0-9.-]+(:[A-Za-z0-9/][A-Za-z0-9._-]*)?(/[A-Za-z0-9._-]+)*)$", var.build.source_url))
    error_message = "build.source_url must be https://HOST/PATH without user and password, or git@HOST:PATH.git, which takes source_secret."
  }
  validation {
    condition     = var.build == null ? true : can(regex("^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$", var.build.source_revision)) && !contains(["latest", "main", "master", "HEAD"], var.build.source_revision)
    error_message = "build.source_revision must be a commit or a tag that can be an image's tag: letters, digits, _ . and -. A branch moves without a sign, and would not be built again."
  }
  validation {
    condition     = try(var.build.source_secret, null) == null ? true : can(regex("^[a-z0-9]([a-z0-9-]{0,251}[a-z0-9])?$", var.build.source_secret)) && var.code_engine_project_id != null
    error_message = "build.source_secret must be the name of a secret in the project code_engine_project_id."
  }
  validation {
    condition     = try(var.build.namespace, null) == null ? true : can(regex("^[a-z0-9][a-z0-9_-]{2,28}[a-z0-9]$", var.build.namespace))
    error_message = "build.namespace must be the name of a namespace in Container Registry, of 4 to 30 lower-case letters, digits, - and _."
  }
  validation {
    condition     = var.build == null ? true : try(var.build.namespace, null) != null || !contains(["ca-mon", "us-east"], var.region)
    error_message = "build.namespace is required in ca-mon and us-east, which have no registry of their own: one that you have made in ca.icr.io or us.icr.io."
  }
  validation {
    condition     = var.build == null ? true : contains(["small", "medium", "large", "xlarge", "xxlarge"], var.build.size)
    error_message = "build.size must be small, medium, large, xlarge or xxlarge."
  }
}
