mock_resource "time_sleep" {
  defaults = { id = "2026-03-17T12:30:00Z" }
}

mock_resource "time_static" {
  defaults = { id = "2026-03-17T12:30:00Z", rfc3339 = "2026-03-17T12:30:00Z" }
}
