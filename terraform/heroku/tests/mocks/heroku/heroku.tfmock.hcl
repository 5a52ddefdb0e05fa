# Ids of apps and add-ons are UUIDs, as real providers check.

mock_resource "heroku_app" {
  defaults = {
    id      = "01234567-89ab-4cde-8f01-23456789abcd"
    uuid    = "01234567-89ab-4cde-8f01-23456789abcd"
    web_url = "https://dt-functions-a1b2-0123456789ab.herokuapp.com/"
  }
}

mock_resource "heroku_addon" {
  defaults = {
    id   = "11111111-89ab-4cde-8f01-23456789abcd"
    name = "postgresql-octagonal-12345"
  }
}

mock_resource "heroku_addon_attachment" {
  defaults = {
    id        = "22222222-89ab-4cde-8f01-23456789abcd"
    namespace = ""
  }
}

mock_resource "heroku_slug" {
  defaults = {
    id       = "33333333-89ab-4cde-8f01-23456789abcd"
    size     = 6411994
    stack_id = "44444444-89ab-4cde-8f01-23456789abcd"
  }
}

mock_resource "heroku_app_release" {
  defaults = {
    id          = "55555555-89ab-4cde-8f01-23456789abcd"
    description = "Deploy"
  }
}

mock_resource "heroku_formation" {
  defaults = { id = "66666666-89ab-4cde-8f01-23456789abcd" }
}

mock_resource "heroku_domain" {
  defaults = {
    id    = "77777777-89ab-4cde-8f01-23456789abcd"
    cname = "aaa-bbb-0123456789abcdef.herokudns.com"
  }
}

mock_resource "heroku_drain" {
  defaults = {
    id    = "88888888-89ab-4cde-8f01-23456789abcd"
    token = "d.99999999-89ab-4cde-8f01-23456789abcd"
  }
}

mock_data "heroku_addon" {
  defaults = {
    id     = "aaaaaaaa-89ab-4cde-8f01-23456789abcd"
    app_id = "bbbbbbbb-89ab-4cde-8f01-23456789abcd"
    plan   = "heroku-postgresql:standard-0"
  }
}
