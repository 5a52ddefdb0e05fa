# Several DT projects, and two connectors in one of them, to one topic of your own.

variable "project_id" {
  description = "Id of the Google Cloud project."
  type        = string
}

variable "region" {
  description = "Region of the functions."
  type        = string
  default     = "europe-north1"
}

variable "dt_projects" {
  description = "Ids of the DT projects, by the names of your sites."
  type        = map(string)
  default = {
    oslo   = "aaaaaaaaaaaaaaaaaaaa"
    bergen = "bbbbbbbbbbbbbbbbbbbb"
  }
}

variable "topic" {
  description = "Your topic, projects/P/topics/T."
  type        = string
}

variable "service_account" {
  description = "DT service account of the scheduled functions: the id of its key, and its email address."
  type        = object({ key_id = string, email = string })
}

variable "service_account_secret" {
  description = "Secret of that key. Neither a plan nor the state has it."
  type        = string
  sensitive   = true
  ephemeral   = true
}

module "connector" {
  source = "../../../connector"

  url = module.dt_functions.endpoint
  connectors = merge(
    { for site, project in var.dt_projects : site => { project = project, labels = ["name", "room"] } },
    { alarms = { project = var.dt_projects["oslo"], display_name = "Alarms", events = ["waterPresent", "objectPresent"], labels = ["name"] } },
  )
}

module "dt_functions" {
  source = "../.."

  project_id = var.project_id
  region     = var.region
  name       = "dt-sites"
  sink       = { existing = var.topic }

  # A connector of another project that knows the secret is filtered.
  projects = values(var.dt_projects)

  connectors             = module.connector.names
  service_account        = var.service_account
  service_account_secret = var.service_account_secret
}
