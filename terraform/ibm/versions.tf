terraform {
  required_version = ">= 1.9"

  required_providers {
    ibm = {
      source = "IBM-Cloud/ibm"
      # Older ones know neither service credentials without a role nor alert definitions.
      version = ">= 2.0.0, < 3.0.0"
    }
    random = {
      source  = "hashicorp/random"
      version = ">= 3.5.0, < 4.0.0"
    }
    time = {
      source  = "hashicorp/time"
      version = ">= 0.9.0, < 1.0.0"
    }
  }
}
