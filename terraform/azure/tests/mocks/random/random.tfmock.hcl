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
    id     = "a1b2c3d4"
    result = "a1b2c3d4"
  }
}

mock_resource "random_uuid" {
  defaults = {
    id     = "12345678-2222-3333-4444-555555555555"
    result = "12345678-2222-3333-4444-555555555555"
  }
}
