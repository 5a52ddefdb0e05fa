# Nobody waits in a test.
mock_resource "time_sleep" {
  defaults = {
    id = "2026-03-17T12:30:00Z"
  }
}
