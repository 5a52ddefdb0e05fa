# Where DT posts: the address that Heroku gives the app, or a domain of yours.

resource "heroku_domain" "receive" {
  count = var.domain == null ? 0 : 1

  app_id   = heroku_app.receive.id
  hostname = var.domain
}

locals {
  endpoint = var.domain == null ? heroku_app.receive.web_url : "https://${heroku_domain.receive[0].hostname}/"
}
