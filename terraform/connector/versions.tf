terraform {
  required_version = ">= 1.11"

  required_providers {
    dt = {
      source  = "disruptive-technologies/dt"
      version = ">= 0.18.0, < 1.0.0"
    }
  }
}
