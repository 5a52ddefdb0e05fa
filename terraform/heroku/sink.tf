# Where events go, as in DT_SINK. "postgres:" is the database in DATABASE_URL.

locals {
  # As everybody may know them, and for a topic that asks for a login as the program gets
  # them: a secret.
  sinks            = concat([var.sink.kind == "kafka" ? var.sink.existing : "postgres:"], var.sink.urls)
  sinks_with_login = var.sink.kind == "kafka" && nonsensitive(var.sink_credentials != null)

  # In the table of the events, with a mark; never forwarded, and never in a topic.
  dead_letter = "postgres:"
  checkpoint  = "postgres:"
}
