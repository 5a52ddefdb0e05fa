terraform {
  required_version = ">= 1.11"

  required_providers {
    heroku = {
      source  = "heroku/heroku"
      version = ">= 5.3.2, < 6.0.0"
    }
    dt = {
      source  = "disruptive-technologies/dt"
      version = ">= 0.18.0, < 1.0.0"
    }
  }
}

# The API key is taken from HEROKU_API_KEY. What an app's and an add-on's config vars are
# is then not copied into the state a second time, the database's password among them.
provider "heroku" {
  customizations {
    set_app_all_config_vars_in_state = false
    set_addon_config_vars_in_state   = false
  }
}

# The service account is taken from DT_API_KEY_ID, DT_API_KEY_SECRET and DT_OIDC_EMAIL.
provider "dt" {
  url            = "https://api.d21s.com"
  token_endpoint = "https://identity.disruptive-technologies.com/oauth2/token"
}
