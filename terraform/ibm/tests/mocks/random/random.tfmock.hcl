# Secrets that the tests look for where they must not be.

mock_resource "random_password" {
  defaults = {
    id          = "none"
    result      = "planted-random-0123456789abcdefghijklmnopqrstuvw"
    bcrypt_hash = "planted-hash"
  }
}

mock_resource "random_string" {
  defaults = {
    id     = "k3x9q2mz"
    result = "k3x9q2mz"
  }
}
