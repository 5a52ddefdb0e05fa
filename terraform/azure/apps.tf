# What the settings of all apps have in common. All have the same archive; each runs one
# function of it, and the others are turned off.

locals {
  app_names = { for f in local.functions : f => "${var.name}-${f}-${local.suffix}" }

  # Of 24 characters; see local.short.
  host_names = { for f, code in { receive = "rc", sync = "sy", configure = "cf", recover = "rv" } : f => "${local.short}${code}${local.suffix}" }

  # The trigger of a function that is turned off is not listened to, whatever its schedule.
  disabled = { for f in local.functions : f => { for other in local.functions : "AzureWebJobs.${other}.Disabled" => "true" if other != f } }

  base_settings = merge({
    # The provider writes a connection string without a key here, which the host would take
    # for the way to its storage. Empty, the host goes by the three settings that identity
    # needs. In capitals: the provider compares names without case when it writes and with
    # case when it reads, so it would forget the usual name and want to set it at each apply.
    # See "What the provider cannot do" in README.md.
    AZUREWEBJOBSSTORAGE             = ""
    AzureWebJobsStorage__credential = "managedidentity"

    # The alarms count lines; sampling would leave some out.
    AzureFunctionsJobHost__logging__applicationInsights__samplingSettings__excludedTypes = "Trace;Exception"

    # A change of settings restarts the app, which then reads its secrets: receive does not
    # wait for five minutes, and reads the one to forward with at no other time.
    SECRETS_VERSION = tostring(var.secrets_version)
    }, local.uploads ? {
    # And then takes the package that is in storage; an instance that runs would keep its own.
    PACKAGE_SHA256 = local.archive_hash
  } : {})

  # Addresses that may do more than others, as rules.
  operators = { for i, range in var.operator_ips : format("operator-%02d", i) => { address = range, priority = 100 + i } }

  # The deployment endpoint is used by deploy = zip alone, and by operators.
  deployment_default = var.deploy == "zip" && length(var.operator_ips) == 0 ? "Allow" : "Deny"
}
