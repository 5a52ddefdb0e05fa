terraform {
  required_version = ">= 1.11"

  required_providers {
    dt = {
      source  = "disruptive-technologies/dt"
      version = ">= 0.18.0, < 1.0.0"
    }
    google = {
      source  = "hashicorp/google"
      version = ">= 7.45, < 8.0"
    }
  }
}

# Google's credentials are those of `gcloud auth application-default login`, or what the
# environment has.
provider "google" {
  project = var.project_id
  region  = var.region

  # A budget is not the project's: its API asks on whose quota it is called.
  billing_project       = var.project_id
  user_project_override = true
}

# The service account is taken from DT_API_KEY_ID, DT_API_KEY_SECRET and DT_OIDC_EMAIL.
provider "dt" {
  url            = "https://api.d21s.com"
  token_endpoint = "https://identity.disruptive-technologies.com/oauth2/token"
}
