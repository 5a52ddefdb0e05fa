# Several DT projects, and two connectors in one of them, to one event hub.

variable "location" {
  description = "Azure region."
  type        = string
  default     = "norwayeast"
}

variable "projects" {
  description = "Ids of the DT projects, by the names of your sites."
  type        = map(string)
}

variable "service_account" {
  description = "DT service account, a member of each project with the role project.developer."
  type        = object({ key_id = string, email = string })
}

variable "service_account_secret" {
  description = "Secret of its key."
  type        = string
  sensitive   = true
  ephemeral   = true
}

variable "sync_timers" {
  description = "Whether the apply tells the platform of the timers, for which the program az must be signed in."
  type        = bool
  default     = true
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
  location = var.location
  sink     = { kind = "eventhubs" }
  # A connector of another project that knows the secret is filtered.
  projects               = values(var.projects)
  connectors             = module.connector.names
  service_account        = var.service_account
  service_account_secret = var.service_account_secret
  sync_timers            = var.sync_timers
}

# Who reads the hub: an identity, and the role to read.
resource "azurerm_user_assigned_identity" "reader" {
  name                = "dt-sites-reader"
  resource_group_name = module.dt_functions.resource_group_name
  location            = var.location
}

resource "azurerm_role_assignment" "reader" {
  scope                = module.dt_functions.sink_id
  role_definition_name = "Azure Event Hubs Data Receiver"
  principal_id         = azurerm_user_assigned_identity.reader.principal_id
  principal_type       = "ServicePrincipal"
}
