terraform {
  required_version = ">= 1.11"

  required_providers {
    heroku = {
      source  = "heroku/heroku"
      version = ">= 5.3.2, < 6.0.0"
    }
    random = {
      source  = "hashicorp/random"
      version = ">= 3.5.0, < 4.0.0"
    }
  }
}
