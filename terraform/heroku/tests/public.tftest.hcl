# What is public: one app, at one address.

mock_provider "heroku" {
  source = "./tests/mocks/heroku"
}

mock_provider "random" {
  source = "./tests/mocks/random"
}

variables {
  archive          = "./tests/source/before.tgz"
  signature_secret = "planted-signature-0123456789"
  log_drain_urls   = ["https://logs.example.com/drain"]
}

run "address" {
  command = apply

  assert {
    condition     = output.endpoint == heroku_app.receive.web_url && length(heroku_domain.receive) == 0
    error_message = "The endpoint is the app's address."
  }
}

run "domain" {
  command = apply

  variables {
    domain = "events.example.com"
  }

  assert {
    condition     = heroku_domain.receive[0].hostname == "events.example.com" && heroku_domain.receive[0].app_id == heroku_app.receive.id && heroku_app.receive.acm
    error_message = "The domain is the app's, and Heroku makes its certificate."
  }
  assert {
    condition     = output.endpoint == "https://events.example.com/" && output.domain_target == "aaa-bbb-0123456789abcdef.herokudns.com" && output.doctor.endpoint == output.endpoint
    error_message = "DT posts to the domain."
  }
}

run "team" {
  command = plan

  variables {
    team   = "facilities"
    region = "us"
  }

  assert {
    condition     = one(heroku_app.receive.organization).name == "facilities" && heroku_app.receive.region == "us" && heroku_app.receive.space == null
    error_message = "The app is the team's."
  }
}

run "personal" {
  command = plan

  assert {
    condition     = length(heroku_app.receive.organization) == 0
    error_message = "Without a team the app is a person's."
  }
}

run "private_space" {
  command = plan

  variables {
    team     = "facilities"
    space    = "facilities-eu"
    region   = "frankfurt"
    dynos    = { size = "private-m", quantity = 2 }
    postgres = { plan = "private-0" }

    metrics_port = 9091
  }

  assert {
    condition     = heroku_app_config_association.receive.vars.METRICS_PORT == "9091"
    error_message = "Who is in the space can read the numbers."
  }

  assert {
    condition     = heroku_app.receive.space == "facilities-eu" && heroku_app.receive.region == "frankfurt" && heroku_formation.receive.size == "Private-M"
    error_message = "The app is in the space."
  }
  assert {
    condition     = heroku_app.receive.internal_routing != true
    error_message = "DT must reach the app from outside of the space."
  }
  assert {
    condition     = length(heroku_app_feature.preboot) == 0
    error_message = "Private Spaces do not have the feature."
  }
}

run "dynos" {
  command = plan

  variables {
    dynos    = { size = "standard-2x", quantity = 4 }
    postgres = { plan = "standard-0" }
  }

  assert {
    condition     = heroku_formation.receive.size == "Standard-2X" && heroku_formation.receive.quantity == 4
    error_message = "The dynos are as many and as large as was said."
  }
  assert {
    condition     = [for f in heroku_app_feature.preboot : [f.name, f.enabled]] == [["preboot", true]]
    error_message = "New dynos answer before the old ones are stopped."
  }
}
