# Several projects, and two connectors in one of them, to one endpoint.

variable "projects" {
  description = "Ids of the DT projects, by the names of your sites."
  type        = map(string)
  default = {
    oslo   = "aaaaaaaaaaaaaaaaaaaa"
    bergen = "bbbbbbbbbbbbbbbbbbbb"
  }
}

variable "endpoint" {
  description = "Where DT posts events."
  type        = string
}

module "connector" {
  source = "../.."

  url = var.endpoint
  connectors = merge(
    { for site, project in var.projects : site => { project = project, labels = ["name", "room"] } },
    { alarms = { project = var.projects["oslo"], display_name = "Alarms", events = ["waterPresent", "objectPresent"], labels = ["name"] } },
  )
}
