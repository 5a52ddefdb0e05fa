terraform {
  required_version = ">= 1.11"

  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = ">= 5.2.0, < 6.0.0"
    }
    dt = {
      source  = "disruptive-technologies/dt"
      version = ">= 0.18.0, < 1.0.0"
    }
  }
}

# The subscription is taken from ARM_SUBSCRIPTION_ID.
provider "azurerm" {
  features {
    # Application Insights puts an action group of its own into the group that is made here,
    # which would then not be removed.
    resource_group {
      prevent_deletion_if_contains_resources = false
    }
  }

  # The storage accounts have no keys to sign in with.
  storage_use_azuread = true
}

# The service account is taken from DT_API_KEY_ID, DT_API_KEY_SECRET and DT_OIDC_EMAIL.
provider "dt" {
  url            = "https://api.d21s.com"
  token_endpoint = "https://identity.disruptive-technologies.com/oauth2/token"
}
