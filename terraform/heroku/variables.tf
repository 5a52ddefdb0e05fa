# What is Heroku's own. The variables that are the same on every cloud are in shared.tf.

variable "archive" {
  description = "The program, a slug that `make build` has made; null means dist/heroku.tgz of this repository."
  type        = string
  default     = null

  validation {
    condition     = fileexists(var.archive == null ? "${path.module}/../../dist/heroku.tgz" : var.archive)
    error_message = "archive is not there: run `make build` first, or let archive name the file."
  }
}

variable "app_name" {
  description = "Name of the app, which must be unique among all of Heroku's; null for name and four characters that nobody can guess."
  type        = string
  default     = null

  validation {
    # 30 is Heroku's limit; the other app's name has -jobs behind it.
    condition     = var.app_name == null ? true : can(regex("^[a-z][a-z0-9-]{1,23}[a-z0-9]$", var.app_name))
    error_message = "app_name must have 3 to 25 lower-case letters, digits and hyphens, begin with a letter, and not end with a hyphen."
  }
}

variable "region" {
  description = "Where the app runs: eu or us; in a Private Space, the space's own region."
  type        = string
  default     = "eu"
  nullable    = false

  validation {
    condition = (var.space == null ? contains(["eu", "us"], var.region) :
      contains(["dublin", "frankfurt", "london", "montreal", "mumbai", "oregon", "singapore", "sydney", "tokyo", "virginia"], var.region)
    )
    error_message = "region must be eu or us; with space, that of the space: dublin, frankfurt, london, montreal, mumbai, oregon, singapore, sydney, tokyo or virginia."
  }
}

variable "team" {
  description = "Name of the Heroku team that owns the app; null for whom the API key belongs to."
  type        = string
  default     = null

  validation {
    condition     = var.team == null ? true : can(regex("^[a-z0-9][a-z0-9-]{0,62}$", var.team))
    error_message = "team must be the name of a team, of lower-case letters, digits and hyphens."
  }
}

variable "space" {
  description = "Name of a Private Space of the Cedar generation that the app runs in; null for the Common Runtime. The space must let DT in from everywhere."
  type        = string
  default     = null

  validation {
    condition     = var.space == null ? true : can(regex("^[a-z0-9][a-z0-9-]{0,62}$", var.space))
    error_message = "space must be the name of a Private Space, of lower-case letters, digits and hyphens."
  }
  validation {
    condition     = var.space == null || var.team != null
    error_message = "space needs team: Private Spaces belong to teams."
  }
}

variable "domain" {
  description = "Host name of your own that DT posts to, with a certificate from Heroku; null for the app's address. A CNAME record must name the output domain_target before the connectors are made."
  type        = string
  default     = null

  validation {
    condition     = var.domain == null ? true : length(var.domain) <= 253 && can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?[.])+[a-z][a-z0-9-]{0,61}[a-z0-9]$", var.domain))
    error_message = "domain must be a host name in lower case, such as events.example.com, without https:// and without a wildcard."
  }
  validation {
    condition     = var.domain == null ? true : !endswith(var.domain, ".herokuapp.com")
    error_message = "domain must be one of your own: an app's address under herokuapp.com is there without it."
  }
}

variable "sink" {
  description = <<-EOT
    Where events go. kind is postgres or kafka. existing, known when planning: with postgres, the name of a Heroku Postgres add-on of
    another app, or postgres://HOST:PORT/DATABASE for a database elsewhere, and no database is made then; with kafka, which always needs it,
    kafkas://HOST:PORT/TOPIC. A login goes into sink_credentials. urls are further sinks, https://… to forward events to, signed with
    a secret of their own; no secret belongs in a URL.
  EOT
  type = object({
    kind     = optional(string, "postgres")
    existing = optional(string)
    urls     = optional(list(string), [])
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["postgres", "kafka"], var.sink.kind)
    error_message = "sink.kind must be postgres or kafka."
  }
  validation {
    condition = var.sink.kind != "postgres" || var.sink.existing == null ? true : anytrue([
      can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)+$", var.sink.existing)),
      can(regex("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", var.sink.existing)),
      can(regex("^postgres(ql)?://[A-Za-z0-9.-]+(:[0-9]{1,5})?/[A-Za-z0-9_.-]+([?][a-z_]+=[A-Za-z0-9_.-]+(&[a-z_]+=[A-Za-z0-9_.-]+)*)?$", var.sink.existing))
      && !can(regex("[?&](user|password)=", var.sink.existing)),
    ])
    error_message = "sink.existing must be the name of a Heroku Postgres add-on, such as postgresql-octagonal-12345, or postgres://HOST:PORT/DATABASE without user and password, which belong in sink_credentials."
  }
  validation {
    # Several brokers stand in the query: DT_SINK is a list, and a comma would end the URL.
    condition     = var.sink.kind != "kafka" ? true : can(regex("^kafkas?://[A-Za-z0-9.-]+(:[0-9]{1,5})?/[A-Za-z0-9._-]{1,249}([?](sasl=(plain|scram-sha-256|scram-sha-512)|brokers=[A-Za-z0-9.:%-]+)(&(sasl=(plain|scram-sha-256|scram-sha-512)|brokers=[A-Za-z0-9.:%-]+))?)?$", var.sink.existing))
    error_message = "sink.existing must with kafka be kafkas://HOST:PORT/TOPIC, without user, password and commas; further brokers are ?brokers=HOST2:PORT%2CHOST3:PORT."
  }
  validation {
    condition     = !can(regex("^kafka://", var.sink.existing)) || var.space != null
    error_message = "sink.existing must begin with kafkas:// unless the app is in a Private Space: kafka:// is not encrypted."
  }
  validation {
    # What stands before an @ would be a password that everybody can read.
    condition     = alltrue([for u in var.sink.urls : can(regex("^https://[^\\s,@/]+(/[^\\s,@]*)?$", u))])
    error_message = "sink.urls must be https:// URLs without user, password, white space and commas (%2C in a URL). A database or topic of your own goes into sink.existing."
  }
  validation {
    condition     = length(distinct(var.sink.urls)) == length(var.sink.urls)
    error_message = "sink.urls must not name a sink twice."
  }
}

variable "sink_credentials" {
  description = "Login of the database or topic that sink.existing is the URL of. It is kept in the state, marked sensitive."
  type = object({
    username = string
    password = string
  })
  default   = null
  sensitive = true

  validation {
    condition     = var.sink_credentials == null ? true : can(regex("^[!-~]+$", var.sink_credentials.username)) && can(regex("^[!-~]+$", var.sink_credentials.password))
    error_message = "sink_credentials must have a username and a password of visible characters of ASCII alone, as they are: they are encoded for the URL here."
  }
  validation {
    condition     = var.sink_credentials == null || can(regex("^[a-z]+://", var.sink.existing))
    error_message = "sink_credentials are for the URL in sink.existing; a Heroku Postgres add-on brings its own."
  }
  validation {
    condition     = var.sink_credentials == null || !can(regex("^kafka://", var.sink.existing))
    error_message = "sink_credentials need kafkas:// in sink.existing: over kafka:// everybody on the way could read them."
  }
  validation {
    condition     = var.sink_credentials != null || !can(regex("^postgres(ql)?://", var.sink.existing))
    error_message = "sink_credentials are required where sink.existing is the URL of a database."
  }
  validation {
    condition     = var.sink_credentials != null || !can(regex("[?&]sasl=", var.sink.existing))
    error_message = "sink_credentials are required where sink.existing has sasl=."
  }
}

variable "postgres" {
  description = <<-EOT
    The database: plan is that of the Heroku Postgres that is made. credential is the name of a credential of the add-on in
    sink.existing, which may do less than its owner; null for the default one.
  EOT
  type = object({
    plan       = optional(string, "essential-0")
    credential = optional(string)
  })
  default  = {}
  nullable = false

  validation {
    condition     = can(regex("^(essential-[0-2]|(standard|premium|private|shield)-((l|xl)-)?[0-9]{1,2})$", var.postgres.plan))
    error_message = "postgres.plan must be a plan of Heroku Postgres, such as essential-0, essential-2, standard-0 or premium-0, without \"heroku-postgresql:\"."
  }
  validation {
    condition     = !can(regex("^(private|shield)-", var.postgres.plan)) || var.space != null
    error_message = "postgres.plan: private and shield plans are for apps in a Private Space; set space."
  }
  validation {
    condition     = var.postgres.credential == null ? true : can(regex("^[a-z][a-z0-9_-]{0,49}$", var.postgres.credential))
    error_message = "postgres.credential must be the name of a credential, as heroku pg:credentials shows it."
  }
  validation {
    condition     = var.postgres.credential == null || (var.sink.kind == "postgres" && var.sink.existing != null && !can(regex("://", var.sink.existing)))
    error_message = "postgres.credential is for the add-on in sink.existing: one that is made has its default credential alone."
  }
}

variable "dynos" {
  description = "The dynos that receive: their size and number. They are always ready: an Eco dyno, which sleeps, is refused."
  type = object({
    size     = optional(string, "basic")
    quantity = optional(number, 1)
  })
  default  = {}
  nullable = false

  validation {
    condition     = lower(var.dynos.size) != "eco"
    error_message = "dynos.size must not be eco: after 30 minutes without events such a dyno sleeps. Then it runs no schedule, and DT, which waits 10 s, may give the next event up."
  }
  validation {
    condition     = lower(var.dynos.size) == "eco" || contains(local.dyno_sizes, var.dynos.size)
    error_message = "dynos.size must be basic, standard-1x, standard-2x, performance-m, -l, -xl or -2xl; in a Private Space private-s, -m, -l, -xl or -2xl; in a Shield one shield-s, -m, -l, -xl or -2xl."
  }
  validation {
    condition     = can(regex("^(private|shield)-", var.dynos.size)) == (var.space != null)
    error_message = "dynos.size must begin with private- or shield- in a Private Space, and nowhere else."
  }
  validation {
    condition     = var.dynos.quantity >= 1 && var.dynos.quantity <= 100 && floor(var.dynos.quantity) == var.dynos.quantity
    error_message = "dynos.quantity must be a whole number from 1 to 100: with 0 nothing would be received."
  }
  validation {
    condition     = var.dynos.quantity == 1 || var.dynos.size != "basic"
    error_message = "dynos.quantity must be 1 with basic, of which an app can have one; take standard-1x for more."
  }
  validation {
    # 5 connections a dyno, and while a release changes the old ones have theirs too.
    condition     = var.dynos.quantity * 10 <= 20 || !startswith(var.postgres.plan, "essential-") || (var.sink.kind == "postgres" && var.sink.existing != null)
    error_message = "dynos.quantity must be at most 2 with an essential plan, whose 20 connections more dynos would use up during a release; take standard-0 as postgres.plan."
  }
}

variable "separate_jobs" {
  description = "Run sync, configure and recover in an app of their own, which nobody can reach, so that the public app has no DT service account. It is one more dyno, of the same size, to pay for."
  type        = bool
  default     = false
  nullable    = false
}

variable "log_drain_urls" {
  description = <<-EOT
    Who gets the logs, keeps them and alarms: https:// URLs, with the token or login that belongs to them, or syslog+tls://HOST:PORT. They are
    kept in the state, marked sensitive. New ones go to the end; how many there are must be known when planning.
  EOT
  type        = list(string)
  default     = []
  nullable    = false
  sensitive   = true

  validation {
    condition     = alltrue([for u in var.log_drain_urls : can(regex("^(https|syslog[+]tls)://", u))])
    error_message = "log_drain_urls must begin with https:// or syslog+tls://: logs name your devices, and a URL may have a token, so nothing goes unencrypted."
  }
  validation {
    # What a URL may have, so that Heroku has no reason to write it otherwise than it was given.
    condition = alltrue([for u in var.log_drain_urls : !can(regex("^https:", u)) || can(regex(join("", [
      "^https://([A-Za-z0-9._~!$&'()*+,;=:%-]+@)?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?",
      "([/?]([A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?$"
    ]), u))])
    error_message = "log_drain_urls must, with https, be https://HOST/PATH?QUERY or https://USER:PASSWORD@HOST/PATH: without white space and #, what is special in a password or token written as %XX, and what an example has in <> replaced by your own."
  }
  validation {
    condition     = alltrue([for u in var.log_drain_urls : !can(regex("^syslog[+]tls:", u)) || can(regex("^syslog[+]tls://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?:[0-9]{1,5}$", u))])
    error_message = "log_drain_urls must, with syslog+tls, be syslog+tls://HOST:PORT and nothing more."
  }
  validation {
    condition     = length(var.log_drain_urls) <= 5
    error_message = "log_drain_urls must have at most 5 URLs: an app can have no more."
  }
  validation {
    condition     = length(distinct(var.log_drain_urls)) == length(var.log_drain_urls)
    error_message = "log_drain_urls must not name a drain twice."
  }
}

variable "log_drain_elsewhere" {
  description = "Say that the logs go somewhere by what is not made here: a logging add-on, or a drain whose URL is to stay out of the state, made by heroku drains:add."
  type        = bool
  default     = false
  nullable    = false
}

variable "metrics_port" {
  description = "Port of /metrics, for a Prometheus in the same Private Space: web.APP.app.localspace:PORT; null for none. Elsewhere on Heroku nobody can reach it."
  type        = number
  default     = null

  validation {
    condition     = var.metrics_port == null ? true : var.metrics_port >= 1024 && var.metrics_port <= 65535 && floor(var.metrics_port) == var.metrics_port
    error_message = "metrics_port must be a whole number from 1024 to 65535."
  }
  validation {
    condition     = var.metrics_port == null || var.space != null
    error_message = "metrics_port needs space: in the Common Runtime nobody can reach a dyno's other ports."
  }
}

variable "signature_secret" {
  description = "Secret that the connectors sign with; null for a random one. It is kept in the state, marked sensitive, as Heroku has no other way."
  type        = string
  default     = null
  sensitive   = true

  validation {
    condition     = var.signature_secret == null ? true : can(regex("^[!-~]{16,}$", var.signature_secret))
    error_message = "signature_secret must have at least 16 characters, visible ones of ASCII."
  }
}

variable "signature_secret_previous" {
  description = "While signature_secret is being changed: the one that was in use before, which is accepted too. Take it away 12 hours after the change. A random one needs none: see secrets_version."
  type        = string
  default     = null
  sensitive   = true

  validation {
    condition     = var.signature_secret_previous == null ? true : can(regex("^[!-~]{16,}$", var.signature_secret_previous))
    error_message = "signature_secret_previous must have at least 16 characters, visible ones of ASCII."
  }
  validation {
    condition     = var.signature_secret_previous == null || var.signature_secret_previous != var.signature_secret
    error_message = "signature_secret_previous must not be signature_secret: it is the one that was in use before."
  }
}

variable "service_account_secret" {
  description = "Secret of the key in service_account. It is kept in the state, marked sensitive, as Heroku has no other way."
  type        = string
  default     = null
  sensitive   = true

  validation {
    condition     = var.service_account_secret == null ? true : can(regex("^[!-~]+$", var.service_account_secret))
    error_message = "service_account_secret must have visible characters of ASCII alone."
  }
  validation {
    condition     = var.service_account_secret != null || length(var.connectors) == 0
    error_message = "service_account_secret is required where connectors are given."
  }
}

variable "secrets_version" {
  description = "Raise it by one for a new random signature secret: the one before is accepted too, until it is raised again. Secrets that are given are seen to have changed without it."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = var.secrets_version >= 1 && floor(var.secrets_version) == var.secrets_version
    error_message = "secrets_version must be a whole number of 1 or more."
  }
}

locals {
  dyno_sizes = concat(["basic", "standard-1x", "standard-2x"],
    [for s in ["m", "l", "xl", "2xl"] : "performance-${s}"],
    [for s in setproduct(["private", "shield"], ["s", "m", "l", "xl", "2xl"]) : join("-", s)],
  )
}
