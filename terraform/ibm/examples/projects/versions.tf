terraform {
  required_version = ">= 1.9"

  required_providers {
    dt = {
      source  = "disruptive-technologies/dt"
      version = ">= 0.18.0, < 1.0.0"
    }
    ibm = {
      source  = "IBM-Cloud/ibm"
      version = ">= 2.0.0, < 3.0.0"
    }
  }
}

# The API key is taken from IC_API_KEY.
provider "ibm" {
  region = var.region
}

# The service account is taken from DT_API_KEY_ID, DT_API_KEY_SECRET and DT_OIDC_EMAIL.
provider "dt" {
  url            = "https://api.d21s.com"
  token_endpoint = "https://identity.disruptive-technologies.com/oauth2/token"
}
