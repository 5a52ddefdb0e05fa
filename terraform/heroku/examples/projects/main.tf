# Several DT projects, and two connectors in one of them, into the database of an app that is
# there already.

variable "projects" {
  description = "Ids of the DT projects, by the names of your sites."
  type        = map(string)
}

variable "database" {
  description = "Name of the other app's Heroku Postgres, such as postgresql-octagonal-12345."
  type        = string
}

variable "credential" {
  description = "Its credential for dt-functions, which may make tables in a schema of its own and do nothing else."
  type        = string
  default     = "dt-functions"
}

variable "service_account" {
  description = "DT service account, a member of each project with the role project.developer."
  type        = object({ key_id = string, email = string })
}

variable "service_account_secret" {
  description = "Secret of its key."
  type        = string
  sensitive   = true
}

variable "log_drain_url" {
  description = "Who keeps the logs and alarms: syslog+tls://HOST:PORT, or an https URL, with its token."
  type        = string
  sensitive   = true
}

module "connector" {
  source = "../../../connector"

  url = module.dt_functions.endpoint
  connectors = merge(
    { for site, project in var.projects : site => { project = project, labels = ["name", "room"] } },
    { for site, project in var.projects : "${site}-water" => { project = project, events = ["waterPresent"] } if site == keys(var.projects)[0] },
  )
}

module "dt_functions" {
  source = "../.."

  name     = "dt-sites"
  sink     = { existing = var.database }
  postgres = { credential = var.credential }
  # A connector of another project that knows the secret is filtered.
  projects               = values(var.projects)
  connectors             = module.connector.names
  service_account        = var.service_account
  service_account_secret = var.service_account_secret
  log_drain_urls         = [var.log_drain_url]
}
