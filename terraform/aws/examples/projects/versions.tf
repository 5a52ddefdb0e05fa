terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.29.0, < 7.0.0"
    }
    dt = {
      source  = "disruptive-technologies/dt"
      version = ">= 0.18.0, < 1.0.0"
    }
  }
}

provider "aws" {
  region = var.region
}

# The service account is taken from DT_API_KEY_ID, DT_API_KEY_SECRET and DT_OIDC_EMAIL.
provider "dt" {
  url            = "https://api.d21s.com"
  token_endpoint = "https://identity.disruptive-technologies.com/oauth2/token"
}
