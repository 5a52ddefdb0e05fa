# What variables.tf and the preconditions refuse: one fault each. What schedules refuses is in
# schedules.tftest.hcl.

mock_provider "heroku" {
  source = "./tests/mocks/heroku"
}

mock_provider "random" {
  source = "./tests/mocks/random"
}

variables {
  archive        = "./tests/source/before.tgz"
  log_drain_urls = ["https://logs.example.com/drain"]
}

run "archive_is_not_built" {
  command = plan

  variables {
    archive = "./tests/source/none.tgz"
  }

  expect_failures = [var.archive]
}

run "app_name_in_capitals" {
  command = plan

  variables {
    app_name = "Sensors"
  }

  expect_failures = [var.app_name]
}

run "app_name_too_long" {
  command = plan

  variables {
    app_name = "an-app-name-of-26-letters1"
  }

  expect_failures = [var.app_name]
}

run "app_name_ends_in_hyphen" {
  command = plan

  variables {
    app_name = "sensors-"
  }

  expect_failures = [var.app_name]
}

run "region_is_of_a_space" {
  command = plan

  variables {
    region = "frankfurt"
  }

  expect_failures = [var.region]
}

run "region_is_of_no_space" {
  command = plan

  variables {
    region = "eu"
    team   = "facilities"
    space  = "facilities-eu"
    dynos  = { size = "private-s" }
  }

  expect_failures = [var.region]
}

run "team_is_an_address" {
  command = plan

  variables {
    team = "ops@example.com"
  }

  expect_failures = [var.team]
}

run "space_has_a_blank" {
  command = plan

  variables {
    space  = "my space"
    team   = "facilities"
    region = "dublin"
    dynos  = { size = "private-s" }
  }

  expect_failures = [var.space]
}

run "space_without_team" {
  command = plan

  variables {
    space  = "facilities-eu"
    region = "dublin"
    dynos  = { size = "private-s" }
  }

  expect_failures = [var.space]
}

run "domain_is_a_url" {
  command = plan

  variables {
    domain = "https://events.example.com/"
  }

  expect_failures = [var.domain]
}

run "domain_is_a_wildcard" {
  command = plan

  variables {
    domain = "*.example.com"
  }

  expect_failures = [var.domain]
}

run "domain_is_the_address" {
  command = plan

  variables {
    domain = "dt-functions-a1b2.herokuapp.com"
  }

  expect_failures = [var.domain]
}

run "sink_kind_is_none" {
  command = plan

  variables {
    sink = { kind = "redis" }
  }

  expect_failures = [var.sink]
}

run "sink_database_is_no_name" {
  command = plan

  variables {
    sink = { existing = "DATABASE_URL" }
  }

  expect_failures = [var.sink]
}

run "sink_database_with_a_login" {
  command = plan

  variables {
    sink             = { existing = "postgres://dt:pass@db.example.com/events" }
    sink_credentials = { username = "dt", password = "pass" }
  }

  expect_failures = [var.sink]
}

run "sink_database_with_a_password" {
  command = plan

  variables {
    sink             = { existing = "postgres://db.example.com/events?password=pass" }
    sink_credentials = { username = "dt", password = "pass" }
  }

  expect_failures = [var.sink]
}

run "sink_topic_is_missing" {
  command = plan

  variables {
    sink = { kind = "kafka" }
  }

  expect_failures = [var.sink]
}

run "sink_topic_with_a_login" {
  command = plan

  variables {
    sink = { kind = "kafka", existing = "kafkas://dt:pass@broker.example.com:9093/events" }
  }

  expect_failures = [var.sink]
}

run "sink_topic_with_a_comma" {
  command = plan

  variables {
    sink = { kind = "kafka", existing = "kafkas://broker1.example.com:9093,broker2.example.com:9093/events" }
  }

  expect_failures = [var.sink]
}

run "sink_topic_with_an_unknown_login" {
  command = plan

  variables {
    sink             = { kind = "kafka", existing = "kafkas://broker.example.com:9093/events?sasl=oauthbearer" }
    sink_credentials = { username = "dt", password = "pass" }
  }

  expect_failures = [var.sink]
}

run "sink_topic_not_encrypted" {
  command = plan

  variables {
    sink = { kind = "kafka", existing = "kafka://broker.example.com:9092/events" }
  }

  expect_failures = [var.sink]
}

run "sink_url_with_a_password" {
  command = plan

  variables {
    sink = { urls = ["https://user:pass@events.example.com/"] }
  }

  expect_failures = [var.sink]
}

run "sink_url_not_encrypted" {
  command = plan

  variables {
    sink = { urls = ["http://events.example.com/"] }
  }

  expect_failures = [var.sink]
}

run "sink_url_twice" {
  command = plan

  variables {
    sink = { urls = ["https://events.example.com/", "https://events.example.com/"] }
  }

  expect_failures = [var.sink]
}

run "credentials_with_a_blank" {
  command = plan

  variables {
    sink             = { existing = "postgres://db.example.com/events" }
    sink_credentials = { username = "dt", password = "pass word" }
  }

  expect_failures = [var.sink_credentials]
}

run "credentials_for_an_add_on" {
  command = plan

  variables {
    sink             = { existing = "postgresql-octagonal-12345" }
    sink_credentials = { username = "dt", password = "pass" }
  }

  expect_failures = [var.sink_credentials]
}

run "credentials_for_nothing" {
  command = plan

  variables {
    sink_credentials = { username = "dt", password = "pass" }
  }

  expect_failures = [var.sink_credentials]
}

run "credentials_not_encrypted" {
  command = plan

  variables {
    sink             = { kind = "kafka", existing = "kafka://10.0.0.5:9092/events" }
    sink_credentials = { username = "dt", password = "pass" }
    space            = "facilities-eu"
    team             = "facilities"
    region           = "dublin"
    dynos            = { size = "private-s" }
  }

  expect_failures = [var.sink_credentials]
}

run "credentials_of_a_database_missing" {
  command = plan

  variables {
    sink = { existing = "postgres://db.example.com/events" }
  }

  expect_failures = [var.sink_credentials]
}

run "credentials_of_a_topic_missing" {
  command = plan

  variables {
    sink = { kind = "kafka", existing = "kafkas://broker.example.com:9093/events?sasl=plain" }
  }

  expect_failures = [var.sink_credentials]
}

run "plan_with_its_service" {
  command = plan

  variables {
    postgres = { plan = "heroku-postgresql:essential-0" }
  }

  expect_failures = [var.postgres]
}

run "plan_has_ended" {
  command = plan

  variables {
    postgres = { plan = "mini" }
  }

  expect_failures = [var.postgres]
}

run "plan_of_a_space" {
  command = plan

  variables {
    postgres = { plan = "private-0" }
  }

  expect_failures = [var.postgres]
}

run "credential_is_none" {
  command = plan

  variables {
    sink     = { existing = "postgresql-octagonal-12345" }
    postgres = { credential = "credential:dt" }
  }

  expect_failures = [var.postgres]
}

run "credential_of_what_is_made" {
  command = plan

  variables {
    postgres = { credential = "dt-functions" }
  }

  expect_failures = [var.postgres]
}

run "dyno_sleeps" {
  command = plan

  variables {
    dynos = { size = "eco" }
  }

  expect_failures = [var.dynos]
}

run "dyno_is_none" {
  command = plan

  variables {
    dynos = { size = "hobby" }
  }

  expect_failures = [var.dynos]
}

run "dyno_of_a_space" {
  command = plan

  variables {
    dynos = { size = "private-s" }
  }

  expect_failures = [var.dynos]
}

run "dyno_of_no_space" {
  command = plan

  variables {
    dynos  = { size = "standard-1x" }
    space  = "facilities-eu"
    team   = "facilities"
    region = "dublin"
  }

  expect_failures = [var.dynos]
}

run "no_dyno" {
  command = plan

  variables {
    dynos = { quantity = 0 }
  }

  expect_failures = [var.dynos]
}

run "half_a_dyno" {
  command = plan

  variables {
    dynos = { size = "standard-1x", quantity = 1.5 }
  }

  expect_failures = [var.dynos]
}

run "too_many_dynos" {
  command = plan

  variables {
    dynos    = { size = "standard-1x", quantity = 101 }
    postgres = { plan = "standard-0" }
  }

  expect_failures = [var.dynos]
}

run "two_basic_dynos" {
  command = plan

  variables {
    dynos = { quantity = 2 }
  }

  expect_failures = [var.dynos]
}

run "more_dynos_than_connections" {
  command = plan

  variables {
    dynos = { size = "standard-1x", quantity = 3 }
  }

  expect_failures = [var.dynos]
}

run "drain_not_encrypted" {
  command = plan

  variables {
    log_drain_urls = ["syslog://logs.example.com:514"]
  }

  expect_failures = [var.log_drain_urls]
}

run "drain_with_a_token_not_encrypted" {
  command = plan

  variables {
    log_drain_urls = ["http://logs.example.com/drain?token=planted-drain"]
  }

  expect_failures = [var.log_drain_urls]
}

run "drain_is_null" {
  command = plan

  variables {
    log_drain_urls = ["https://logs.example.com/drain", null]
  }

  expect_failures = [var.log_drain_urls]
}

run "drain_with_a_blank" {
  command = plan

  variables {
    log_drain_urls = ["https://logs.example.com/drain?token=planted drain"]
  }

  expect_failures = [var.log_drain_urls]
}

run "drain_with_a_line_break" {
  command = plan

  variables {
    log_drain_urls = ["https://logs.example.com/drain?token=planted-drain\n"]
  }

  expect_failures = [var.log_drain_urls]
}

run "drain_with_a_fragment" {
  command = plan

  variables {
    log_drain_urls = ["https://logs.example.com/drain#planted-drain"]
  }

  expect_failures = [var.log_drain_urls]
}

run "drain_of_an_example" {
  command = plan

  variables {
    log_drain_urls = ["https://logs.example.com/drain?token=<TOKEN>"]
  }

  expect_failures = [var.log_drain_urls]
}

run "drain_with_half_an_escape" {
  command = plan

  variables {
    log_drain_urls = ["https://logs.example.com/drain?token=planted-100%"]
  }

  expect_failures = [var.log_drain_urls]
}

run "drain_with_a_slash_in_its_password" {
  command = plan

  variables {
    log_drain_urls = ["https://user:planted/drain@logs.example.com/drain"]
  }

  expect_failures = [var.log_drain_urls]
}

run "drain_without_a_host" {
  command = plan

  variables {
    log_drain_urls = ["https:///drain?token=planted-drain"]
  }

  expect_failures = [var.log_drain_urls]
}

run "drain_without_a_port" {
  command = plan

  variables {
    log_drain_urls = ["syslog+tls://logs.example.com"]
  }

  expect_failures = [var.log_drain_urls]
}

run "drain_by_syslog_with_a_token" {
  command = plan

  variables {
    log_drain_urls = ["syslog+tls://planted-drain@logs.example.com:6514"]
  }

  expect_failures = [var.log_drain_urls]
}

run "drain_twice" {
  command = plan

  variables {
    log_drain_urls = ["https://logs.example.com/drain?token=planted-drain", "https://logs.example.com/drain?token=planted-drain"]
  }

  expect_failures = [var.log_drain_urls]
}

run "six_drains" {
  command = plan

  variables {
    log_drain_urls = [for i in range(6) : "https://logs.example.com/drain?token=planted-${i}"]
  }

  expect_failures = [var.log_drain_urls]
}

run "metrics_for_nobody" {
  command = plan

  variables {
    metrics_port = 9091
  }

  expect_failures = [var.metrics_port]
}

run "metrics_on_a_port_of_the_system" {
  command = plan

  variables {
    metrics_port = 80
    space        = "facilities-eu"
    team         = "facilities"
    region       = "dublin"
    dynos        = { size = "private-s" }
  }

  expect_failures = [var.metrics_port]
}

run "signature_secret_too_short" {
  command = plan

  variables {
    signature_secret = "fifteen-letters"
  }

  expect_failures = [var.signature_secret]
}

run "signature_secret_with_a_line_break" {
  command = plan

  variables {
    signature_secret = "planted-signature-0123456789\n"
  }

  expect_failures = [var.signature_secret]
}

run "previous_secret_too_short" {
  command = plan

  variables {
    signature_secret_previous = "fifteen-letters"
  }

  expect_failures = [var.signature_secret_previous]
}

run "previous_secret_is_the_same" {
  command = plan

  variables {
    signature_secret          = "planted-signature-0123456789"
    signature_secret_previous = "planted-signature-0123456789"
  }

  expect_failures = [var.signature_secret_previous]
}

run "service_account_secret_with_a_blank" {
  command = plan

  variables {
    service_account_secret = "planted service account"
  }

  expect_failures = [var.service_account_secret]
}

run "service_account_secret_missing" {
  command = plan

  variables {
    connectors      = ["projects/cvinmt9aq9sc738g6eog/dataconnectors/d0a1b2c3d4e5f6g7h8i9"]
    service_account = { key_id = "cvinmt9aq9sc738g6eoh" }
  }

  expect_failures = [var.service_account_secret]
}

run "secrets_version_is_0" {
  command = plan

  variables {
    secrets_version = 0
  }

  expect_failures = [var.secrets_version]
}

run "secrets_version_is_half" {
  command = plan

  variables {
    secrets_version = 1.5
  }

  expect_failures = [var.secrets_version]
}

run "sha1_perhaps" {
  command = plan

  variables {
    settings = { DT_ALLOW_SHA1 = "yes" }
  }

  expect_failures = [heroku_app_config_association.receive]
}

run "user_disabled_perhaps" {
  command = plan

  variables {
    settings = { DT_RECOVER_USER_DISABLED = "1" }
  }

  expect_failures = [heroku_app_config_association.receive]
}

run "overlap_is_no_duration" {
  command = plan

  variables {
    settings = { DT_RECOVER_OVERLAP = "90 minutes" }
  }

  expect_failures = [heroku_app_config_association.receive]
}

run "api_not_encrypted" {
  command = plan

  variables {
    settings = { DT_API_URL = "http://api.example.com/v2" }
  }

  expect_failures = [heroku_app_config_association.receive]
}

run "issuer_with_a_password" {
  command = plan

  variables {
    settings = { DT_OIDC_ISSUER = "https://user:pass@identity.example.com/" }
  }

  expect_failures = [heroku_app_config_association.receive]
}
