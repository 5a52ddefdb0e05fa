# Where receive and recover put authentic events that cannot be decoded, or that the sink
# can never take. One partition: there are few, and each costs.

resource "ibm_event_streams_topic" "dead_letter" {
  resource_instance_id = local.event_streams_crn
  name                 = local.dead_letter_topic
  partitions           = 1

  config = merge(local.topic_config, {
    # As long as the plan standard allows.
    "retention.ms" = tostring(720 * 3600000)
  })
}

locals {
  dead_letter_topic = "${var.name}-dead-letter"
  dead_letter_url   = local.topic_urls[local.dead_letter_topic]
}
