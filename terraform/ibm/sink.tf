# Where events go: a topic of Event Streams, in an instance that is made or in one of the
# customer's own.

locals {
  instance_is_made = var.event_streams.existing == null && var.sink.existing == null
  topic_is_made    = var.sink.existing == null

  # crn, v1, cloud, kind, service, region, account, instance, type of resource, resource
  topic_parts = split(":", coalesce(var.sink.existing, ":::::::::"))

  # That of a topic of one's own is its CRN without the topic.
  given_instance = local.topic_is_made ? var.event_streams.existing : "${join(":", slice(local.topic_parts, 0, 8))}::"

  event_streams_crn  = local.instance_is_made ? ibm_resource_instance.event_streams[0].id : local.given_instance
  event_streams_guid = local.instance_is_made ? ibm_resource_instance.event_streams[0].guid : split(":", local.given_instance)[7]

  topic     = local.topic_is_made ? "${var.name}-events" : local.topic_parts[9]
  topic_crn = local.topic_is_made ? ibm_event_streams_topic.events[0].id : var.sink.existing

  # The provider flattens what an instance says of itself: kafka_brokers_sasl.0, .1 and so
  # on. The attribute of the topics would be simpler, but the provider sets it for the
  # first topic alone that a run looks at.
  extensions = local.instance_is_made ? ibm_resource_instance.event_streams[0].extensions : data.ibm_resource_instance.event_streams[0].extensions
  brokers = sort(concat(
    [for k, v in local.extensions : v if can(regex("^kafka_brokers_sasl[.][0-9]+$", k))],
    # An instance of the second generation says it so.
    compact(split(",", lookup(local.extensions, "dataservices.connection.bootstrap_servers", ""))),
  ))

  # The first broker is the host, the others a parameter: a comma in a host would part the
  # URL in two in DT_SINK.
  kafka_host   = try(local.brokers[0], "")
  more_brokers = join("%2C", [for i, b in local.brokers : b if i > 0])
  kafka_query  = local.more_brokers == "" ? "" : "?brokers=${local.more_brokers}"

  # Without the login, which is in DT_SINK alone.
  topic_urls = { for t in [local.topic, local.dead_letter_topic] : t => "kafkas://${local.kafka_host}/${t}${local.kafka_query}" }
  sinks      = concat([local.topic_urls[local.topic]], var.sink.urls)

  topic_config = {
    "cleanup.policy"  = "delete"
    "retention.ms"    = tostring(var.event_streams.retention_hours * 3600000)
    "retention.bytes" = tostring(var.event_streams.retention_megabytes * 1048576)
  }
}

resource "ibm_resource_instance" "event_streams" {
  count = local.instance_is_made ? 1 : 0

  name              = "${var.name}-event-streams"
  service           = "messagehub"
  plan              = var.event_streams.plan
  location          = var.region
  resource_group_id = local.resource_group
  parameters        = var.kms_key_crn == null ? null : { kms_key_crn = var.kms_key_crn }
  tags              = local.tags

  # A cluster of the plan enterprise takes hours.
  timeouts {
    create = "6h"
  }

  # A key that it may not use ends its making.
  depends_on = [time_sleep.event_streams_key_policy]
}

data "ibm_resource_instance" "event_streams" {
  count = local.instance_is_made ? 0 : 1

  identifier = local.given_instance
}

resource "ibm_event_streams_topic" "events" {
  count = local.topic_is_made ? 1 : 0

  resource_instance_id = local.event_streams_crn
  name                 = local.topic
  partitions           = var.event_streams.partitions
  config               = local.topic_config
}
