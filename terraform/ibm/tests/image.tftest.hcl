# The image: given, from which registry, or built.

mock_provider "ibm" {
  source = "./tests/mocks/ibm"
}

mock_provider "random" {
  source = "./tests/mocks/random"
}

mock_provider "time" {}


variables {
  region                 = "eu-de"
  image                  = "private.de.icr.io/sensors/dt-functions:1.0.0"
  signature_secret       = "planted-signature-0123456789"
  service_account        = { key_id = "cvinmt9aq9sc738g6eoh" }
  service_account_secret = "planted-service-account"
  connectors             = ["projects/cvinmt9aq9sc738g6eog/dataconnectors/d0a1b2c3d4e5f6g7h8i9"]
}


run "in_container_registry" {
  command = apply

  assert {
    condition     = alltrue([for c in concat([ibm_code_engine_app.receive, ibm_code_engine_app.schedules[0]], values(ibm_code_engine_job.this)) : c.image_reference == var.image && c.image_secret == "dt-functions-image-pull"])
    error_message = "Everything runs the image, pulled by a login."
  }
  assert {
    condition     = ibm_code_engine_secret.image_pull[0].format == "registry" && nonsensitive(ibm_code_engine_secret.image_pull[0].data) == tomap({ server = "private.de.icr.io", username = "iamapikey", password = "mock-api-key" })
    error_message = "The login is that of an identity that may pull."
  }
  assert {
    condition     = keys(ibm_iam_service_id.image) == ["pull"] && length(ibm_code_engine_build.image) == 0 && length(ibm_cr_namespace.this) == 0 && length(ibm_code_engine_secret.image_push) == 0 && length(terraform_data.build_run) == 0
    error_message = "Nothing is built, so nobody may push."
  }
}

run "public" {
  command = apply

  variables {
    image = "registry.example.com/example/dt-functions@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  }

  assert {
    condition     = ibm_code_engine_app.receive.image_secret == null && length(ibm_code_engine_secret.image_pull) == 0 && length(ibm_iam_service_id.image) == 0
    error_message = "A public image needs no login."
  }
}

run "in_a_registry_of_ones_own" {
  command = apply

  variables {
    image             = "registry.example.com:5000/sensors/dt-functions:1.0.0"
    registry          = { server = "registry.example.com:5000", username = "puller" }
    registry_password = "planted-registry-password"
  }

  assert {
    condition     = nonsensitive(ibm_code_engine_secret.image_pull[0].data) == tomap({ server = "registry.example.com:5000", username = "puller", password = "planted-registry-password" }) && ibm_code_engine_app.receive.image_secret == "dt-functions-image-pull"
    error_message = "The image is pulled with the given login."
  }
  assert {
    condition     = length(ibm_iam_service_id.image) == 0
    error_message = "IBM Cloud has no identity for it."
  }
}

# run = false: the build would be run by a program.
run "built" {
  command = apply

  variables {
    image = null
    build = { source_url = "https://git.example.com/sensors/dt-functions", source_revision = "v1.0.0", run = false }
  }

  assert {
    condition = [for b in ibm_code_engine_build.image : [b.name, b.source_type, b.source_url, b.source_revision, b.strategy_type, b.strategy_spec_file, b.strategy_size, b.output_image, b.output_secret]] == [[
      "dt-functions-image", "git", "https://git.example.com/sensors/dt-functions", "v1.0.0", "dockerfile", "Dockerfile", "medium",
      "private.de.icr.io/dt-functions-k3x9q2mz/dt-functions:v1.0.0", "dt-functions-image-push"
    ]]
    error_message = "The build makes an image of the repository's Dockerfile, with the revision as its tag."
  }
  assert {
    condition     = alltrue([for c in concat([ibm_code_engine_app.receive, ibm_code_engine_app.schedules[0]], values(ibm_code_engine_job.this)) : c.image_reference == ibm_code_engine_build.image[0].output_image && c.image_secret == "dt-functions-image-pull"])
    error_message = "Everything runs what is built."
  }
  assert {
    condition     = { for k, p in ibm_iam_service_policy.image : k => [join(",", p.roles), one([for a in p.resource_attributes : a.value if a.name == "resource"])] } == { pull = ["Reader", "dt-functions-k3x9q2mz"], push = ["Reader,Writer", "dt-functions-k3x9q2mz"] }
    error_message = "One identity may push to the namespace, and another may pull."
  }
  assert {
    condition     = ibm_cr_namespace.this[0].name == "dt-functions-k3x9q2mz" && length(ibm_cr_namespace.this[0].name) <= 30
    error_message = "A namespace is made, of at most 30 characters."
  }
  assert {
    condition     = output.next.build == "ibmcloud target -r eu-de && ibmcloud ce project select --id 15314cc3-85b4-4338-903f-c28cdee6d005 && ibmcloud ce buildrun submit --build dt-functions-image --wait"
    error_message = "The output says how the build is run."
  }
}

run "changed_source" {
  command = plan

  variables {
    image = null
    build = { source_url = "https://git.example.com/sensors/dt-functions", source_revision = "v1.0.1", run = false }
  }

  assert {
    condition     = endswith(ibm_code_engine_app.receive.image_reference, ":v1.0.1")
    error_message = "A changed revision must be deployed."
  }
}

run "built_at_once" {
  command = plan

  variables {
    image                  = null
    code_engine_project_id = "4e49b3e0-27a8-48d2-a784-c7ee48bb863b"
    build                  = { source_url = "git@git.example.com:sensors/dt-functions.git", source_revision = "v1.0.0", source_secret = "deploy-key", namespace = "sensors", size = "large" }
  }

  assert {
    condition     = length(terraform_data.build_run) == 1 && length(ibm_cr_namespace.this) == 0
    error_message = "The build is run by the apply, into the given namespace."
  }
  assert {
    condition     = ibm_code_engine_build.image[0].source_secret == "deploy-key" && ibm_code_engine_build.image[0].strategy_size == "large" && ibm_code_engine_build.image[0].output_image == "private.de.icr.io/sensors/dt-functions:v1.0.0"
    error_message = "The build is as was said."
  }
}

run "in_every_region" {
  command = plan

  variables {
    region                 = "us-east"
    image                  = null
    build                  = { source_url = "https://git.example.com/dt", source_revision = "v1", namespace = "sensors", run = false }
    code_engine_project_id = "4e49b3e0-27a8-48d2-a784-c7ee48bb863b"
  }

  override_data {
    target = data.ibm_code_engine_project.given
    values = { region = "us-east", name = "shared-project" }
  }

  assert {
    condition     = output.image == "private.us.icr.io/sensors/dt-functions:v1"
    error_message = "A region without a registry of its own has the next one."
  }
}
