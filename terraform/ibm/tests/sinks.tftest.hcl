# Where events go: a topic that is made, in an instance that is made or given, or a topic
# of one's own.

mock_provider "ibm" {
  source = "./tests/mocks/ibm"
}

mock_provider "random" {
  source = "./tests/mocks/random"
}

mock_provider "time" {}


variables {
  region                 = "eu-de"
  image                  = "private.de.icr.io/sensors/dt-functions:1.0.0"
  signature_secret       = "planted-signature-0123456789"
  service_account        = { key_id = "cvinmt9aq9sc738g6eoh" }
  service_account_secret = "planted-service-account"
  connectors             = ["projects/cvinmt9aq9sc738g6eog/dataconnectors/d0a1b2c3d4e5f6g7h8i9"]
}


run "made" {
  command = apply

  assert {
    condition = [for i in ibm_resource_instance.event_streams : [i.name, i.service, i.plan, i.location, i.resource_group_id]] == [
      ["dt-functions-event-streams", "messagehub", "standard", "eu-de", "fedcba9876543210fedcba9876543210"]
    ] && ibm_resource_instance.event_streams[0].parameters == null
    error_message = "An instance is made, of the plan that is paid by use."
  }
  assert {
    condition     = [for t in [ibm_event_streams_topic.events[0], ibm_event_streams_topic.dead_letter] : [t.name, t.partitions, t.resource_instance_id]] == [for name in ["dt-functions-events", "dt-functions-dead-letter"] : [name, 1, ibm_resource_instance.event_streams[0].id]]
    error_message = "There is a topic for events and one for dead letters, of one partition each."
  }
  assert {
    condition = ibm_event_streams_topic.events[0].config == tomap({
      "cleanup.policy" = "delete", "retention.ms" = "604800000", "retention.bytes" = "1073741824"
    }) && ibm_event_streams_topic.dead_letter.config["retention.ms"] == "2592000000"
    error_message = "Events are kept for a week, dead letters for 30 days."
  }
  assert {
    condition     = output.brokers == tolist([for n in [0, 1, 2] : "broker-${n}-mock.kafka.svc01.eu-de.eventstreams.cloud.ibm.com:9093"])
    error_message = "Brokers are in an order that does not change."
  }
  assert {
    condition = output.sinks == [join("", [
      "kafkas://broker-0-mock.kafka.svc01.eu-de.eventstreams.cloud.ibm.com:9093/dt-functions-events",
      "?brokers=broker-1-mock.kafka.svc01.eu-de.eventstreams.cloud.ibm.com:9093%2Cbroker-2-mock.kafka.svc01.eu-de.eventstreams.cloud.ibm.com:9093"
    ])] && output.dead_letter == replace(output.sinks[0], "/dt-functions-events", "/dt-functions-dead-letter")
    error_message = "The URL names all brokers without a comma, which would part it in two, and has no login."
  }
  assert {
    condition     = nonsensitive(ibm_code_engine_secret.sink.data) == tomap({ DT_SINK = replace(output.sinks[0], "kafkas://", "kafkas://token:mock-api-key@"), DT_DEAD_LETTER = replace(output.dead_letter, "kafkas://", "kafkas://token:mock-api-key@") })
    error_message = "What receive gets is the same with the login."
  }
  assert {
    condition     = output.topic_crn == ibm_event_streams_topic.events[0].id
    error_message = "The output names the topic."
  }
}

run "larger" {
  command = plan

  variables {
    event_streams = { partitions = 6, retention_hours = 24, retention_megabytes = 2048 }
  }

  assert {
    condition     = ibm_event_streams_topic.events[0].partitions == 6 && ibm_event_streams_topic.dead_letter.partitions == 1 && ibm_event_streams_topic.events[0].config["retention.ms"] == "86400000" && ibm_event_streams_topic.events[0].config["retention.bytes"] == "2147483648"
    error_message = "The topic is as large as was said."
  }
}

run "in_a_given_instance" {
  command = apply

  variables {
    event_streams = { existing = "crn:v1:bluemix:public:messagehub:eu-de:a/0123456789abcdef0123456789abcdef:99999999-8888-4777-8666-555555555555::" }
  }

  assert {
    condition     = length(ibm_resource_instance.event_streams) == 0 && data.ibm_resource_instance.event_streams[0].identifier == var.event_streams.existing
    error_message = "No instance is made, and the given one is asked for its brokers."
  }
  assert {
    condition     = alltrue([for t in [ibm_event_streams_topic.events[0], ibm_event_streams_topic.dead_letter] : t.resource_instance_id == var.event_streams.existing])
    error_message = "The topics are made in the given instance."
  }
  assert {
    condition     = output.sinks == ["kafkas://broker-0-given.kafka.svc02.eu-de.eventstreams.cloud.ibm.com:9093/dt-functions-events?brokers=broker-1-given.kafka.svc02.eu-de.eventstreams.cloud.ibm.com:9093"]
    error_message = "Events go to its brokers."
  }
  assert {
    condition     = toset([for p in values(ibm_iam_service_policy.receive) : one([for a in p.resource_attributes : a.value if a.name == "serviceInstance"])]) == toset(["99999999-8888-4777-8666-555555555555"])
    error_message = "receive may write to that instance."
  }
}

run "of_the_second_generation" {
  command = plan

  variables {
    event_streams = { existing = "crn:v1:bluemix:public:messagehub:eu-de:a/0123456789abcdef0123456789abcdef:99999999-8888-4777-8666-555555555555::" }
  }

  override_data {
    target = data.ibm_resource_instance.event_streams
    values = { extensions = { "dataservices.connection.bootstrap_servers" = "b-1.example.com:9093,b-0.example.com:9093" } }
  }

  assert {
    condition     = output.sinks == ["kafkas://b-0.example.com:9093/dt-functions-events?brokers=b-1.example.com:9093"]
    error_message = "Its brokers stand elsewhere."
  }
}

run "with_one_broker" {
  command = plan

  variables {
    event_streams = { existing = "crn:v1:bluemix:public:messagehub:eu-de:a/0123456789abcdef0123456789abcdef:99999999-8888-4777-8666-555555555555::" }
  }

  override_data {
    target = data.ibm_resource_instance.event_streams
    values = { extensions = { "kafka_brokers_sasl.#" = "1", "kafka_brokers_sasl.0" = "b-0.example.com:9093" } }
  }

  assert {
    condition     = output.sinks == ["kafkas://b-0.example.com:9093/dt-functions-events"]
    error_message = "One broker needs no parameter."
  }
}

run "a_given_topic" {
  command = apply

  variables {
    sink = { existing = "crn:v1:bluemix:public:messagehub:eu-de:a/0123456789abcdef0123456789abcdef:99999999-8888-4777-8666-555555555555:topic:sensors.v1" }
  }

  assert {
    condition     = length(ibm_resource_instance.event_streams) == 0 && length(ibm_event_streams_topic.events) == 0
    error_message = "Neither an instance nor a topic for events is made."
  }
  assert {
    condition     = data.ibm_resource_instance.event_streams[0].identifier == "crn:v1:bluemix:public:messagehub:eu-de:a/0123456789abcdef0123456789abcdef:99999999-8888-4777-8666-555555555555::" && ibm_event_streams_topic.dead_letter.resource_instance_id == data.ibm_resource_instance.event_streams[0].identifier
    error_message = "Dead letters get a topic in the topic's instance."
  }
  assert {
    condition     = output.topic_crn == var.sink.existing && strcontains(output.sinks[0], ":9093/sensors.v1?brokers=")
    error_message = "Events go to the given topic."
  }
  assert {
    condition     = [for p in [ibm_iam_service_policy.receive["events"], ibm_iam_service_policy.scheduled["events"]] : { for a in p.resource_attributes : a.name => a.value }] == [for i in [0, 1] : { serviceName = "messagehub", serviceInstance = "99999999-8888-4777-8666-555555555555", resourceType = "topic", resource = "sensors.v1" }]
    error_message = "Both identities may write to it."
  }
}

run "forward" {
  command = apply

  variables {
    sink = { urls = ["https://events.example.com/dt?site=oslo"] }
  }

  assert {
    condition     = length(output.sinks) == 2 && output.sinks[1] == "https://events.example.com/dt?site=oslo" && endswith(nonsensitive(ibm_code_engine_secret.sink.data.DT_SINK), ",https://events.example.com/dt?site=oslo")
    error_message = "Events go on to the URL besides."
  }
  assert {
    condition     = output.forward_secret == "ibm-code-engine://15314cc3-85b4-4338-903f-c28cdee6d005/dt-functions-sink/DT_FORWARD_SECRET" && alltrue([for s in [ibm_code_engine_secret.sink, ibm_code_engine_secret.scheduled[0]] : nonsensitive(s.data.DT_FORWARD_SECRET) == random_password.forward[0].result])
    error_message = "Both that publish sign with a secret of its own."
  }
}
