// Package keeper knows the attributes of Terraform resources that may hold a secret.
package keeper

import (
	"slices"
	"strings"
)

// Is tells whether an attribute, TYPE.NAME and the names below, may hold a secret that
// plan and state then have: where the provider has no write-only argument for it.
func Is(attribute string) bool {
	return slices.ContainsFunc([]string{
		"random_password.result",
		"random_password.bcrypt_hash",
		"dt_data_connector.http_config.signature_secret",
		"heroku_app_config_association.sensitive_vars",
		"heroku_drain.sensitive_url",
		"ibm_code_engine_secret.data",
		"ibm_iam_service_api_key.apikey",
		"ibm_resource_key.credentials",
		"ibm_resource_key.credentials_json",
	}, func(k string) bool { return attribute == k || strings.HasPrefix(attribute, k+".") })
}
