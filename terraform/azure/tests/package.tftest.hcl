# How the archive gets to the apps.

mock_provider "azurerm" {
  source = "./tests/mocks/azurerm"
}

mock_provider "random" {
  source = "./tests/mocks/random"
}

mock_provider "time" {
  source = "./tests/mocks/time"
}

variables {
  location               = "norwayeast"
  archive                = "./tests/source/before.zip"
  signature_secret       = "planted-signature-0123456789"
  service_account        = { key_id = "cvinmt9aq9sc738g6eoh", email = "sensors@cvinmt9aq9sc738g6eog.serviceaccount.d21s.com" }
  service_account_secret = "planted-service-account"
  connectors             = ["projects/cvinmt9aq9sc738g6eog/dataconnectors/d0a1b2c3d4e5f6g7h8i9"]
  # The apply would run az.
  sync_timers = false
}

run "storage" {
  command = apply

  assert {
    condition     = alltrue([for b in concat(azurerm_storage_blob.receive, values(azurerm_storage_blob.job)) : b.name == "released-package.zip" && b.type == "Block" && b.source == "./tests/source/before.zip" && b.content_md5 == filemd5("./tests/source/before.zip")]) && length(azurerm_storage_blob.job) == 2
    error_message = "The package has the name that it is started by, and follows the archive."
  }
  assert {
    condition = azurerm_function_app_flex_consumption.receive.storage_container_endpoint == "https://mockaccount.blob.core.windows.net/package" && alltrue([for a in concat([azurerm_function_app_flex_consumption.receive], values(azurerm_function_app_flex_consumption.job)) :
    a.storage_container_type == "blobContainer" && a.storage_authentication_type == "UserAssignedIdentity" && a.storage_access_key == null && a.storage_user_assigned_identity_id == one(a.identity[0].identity_ids)])
    error_message = "An app reads its package by its identity."
  }
  assert {
    condition     = alltrue([for a in concat([azurerm_function_app_flex_consumption.receive], values(azurerm_function_app_flex_consumption.job)) : !a.webdeploy_publish_basic_authentication_enabled])
    error_message = "Nobody deploys by a password."
  }
}

# The provider deploys when the path changes; this one changes with the archive's hash.
run "zip" {
  command = apply

  variables {
    deploy = "zip"
  }

  assert {
    condition     = filesha256(azurerm_function_app_flex_consumption.receive.zip_deploy_file) == filesha256("./tests/source/before.zip")
    error_message = "The path leads to the archive."
  }
  assert {
    # 40 bits, written as // and /./.
    condition     = join("", [for bit in split("", format("%040b", parseint(substr(filesha256("./tests/source/before.zip"), 0, 10), 16))) : bit == "1" ? "/" : "./"]) == trimprefix(trimsuffix(azurerm_function_app_flex_consumption.receive.zip_deploy_file, "before.zip"), "tests/source/")
    error_message = "The path changes with what is in the archive."
  }
  assert {
    condition     = alltrue([for a in azurerm_function_app_flex_consumption.job : a.zip_deploy_file == azurerm_function_app_flex_consumption.receive.zip_deploy_file && a.webdeploy_publish_basic_authentication_enabled])
    error_message = "Each app is deployed to, by its credentials."
  }
  assert {
    condition     = length(azurerm_storage_blob.receive) == 0 && length(azurerm_storage_blob.job) == 0 && length(azurerm_role_assignment.deployer_receive) == 0 && length(azurerm_role_assignment.deployer_job) == 0
    error_message = "Nothing is put into storage, and nobody may."
  }
  assert {
    condition     = !anytrue([for a in concat([azurerm_function_app_flex_consumption.receive], values(azurerm_function_app_flex_consumption.job)) : contains(keys(a.app_settings), "PACKAGE_SHA256")])
    error_message = "Who deploys also restarts."
  }
}

run "again" {
  command = plan

  variables {
    deploy = "zip"
  }
}

run "changed_source" {
  command = plan

  variables {
    deploy  = "zip"
    archive = "./tests/source/after.zip"
  }

  assert {
    condition     = filesha256(azurerm_function_app_flex_consumption.receive.zip_deploy_file) == filesha256("./tests/source/after.zip")
    error_message = "The path leads to the other archive."
  }
}

run "none" {
  command = plan

  variables {
    deploy = "none"
  }

  assert {
    condition     = length(azurerm_storage_blob.receive) == 0 && length(azurerm_storage_blob.job) == 0 && !azurerm_function_app_flex_consumption.receive.webdeploy_publish_basic_authentication_enabled && !contains(keys(azurerm_function_app_flex_consumption.receive.app_settings), "PACKAGE_SHA256")
    error_message = "Deploying is left to others."
  }
}
