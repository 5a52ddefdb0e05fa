# Several DT projects, and two connectors in one of them, to one event bus.

variable "region" {
  description = "AWS region."
  type        = string
  default     = "eu-north-1"
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

  name = "dt-sites"
  sink = { kind = "eventbridge" }
  # A connector of another project that knows the secret is filtered.
  projects               = values(var.projects)
  connectors             = module.connector.names
  service_account        = var.service_account
  service_account_secret = var.service_account_secret
}

# A consumer, as an example: what door sensors see goes into a queue of its own.

resource "aws_sqs_queue" "doors" {
  name                      = "dt-sites-doors"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true
}

resource "aws_cloudwatch_event_rule" "doors" {
  name           = "dt-sites-doors"
  description    = "Doors that were opened or closed"
  event_bus_name = reverse(split("/", module.dt_functions.sink_arn))[0]
  event_pattern = jsonencode({
    source      = ["com.disruptive-technologies"]
    detail-type = ["objectPresent"]
  })
}

resource "aws_cloudwatch_event_target" "doors" {
  rule           = aws_cloudwatch_event_rule.doors.name
  event_bus_name = aws_cloudwatch_event_rule.doors.event_bus_name
  arn            = aws_sqs_queue.doors.arn
}

resource "aws_sqs_queue_policy" "doors" {
  queue_url = aws_sqs_queue.doors.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = aws_sqs_queue.doors.arn
      Condition = { ArnEquals = { "aws:SourceArn" = aws_cloudwatch_event_rule.doors.arn } }
    }]
  })
}
