mock_resource "random_password" {
  defaults = {
    result = "planted-generated-0123456789abcdefghijklmnopqrst"
  }
}
