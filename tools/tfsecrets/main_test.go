package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What a module says, and what of it is reported; "" for nothing.
func TestRun(t *testing.T) {
	const secret = `
variable "secret" {
  sensitive = true
}
`
	tests := map[string]struct{ module, want string }{
		"nothing secret":            {`resource "x" "y" { name = var.name }`, ""},
		"write-only":                {secret + `resource "x" "y" { value_wo = var.secret }`, ""},
		"made for it":               {secret + `resource "heroku_app_config_association" "y" { sensitive_vars = { A = var.secret } }`, ""},
		"asked whether it is there": {secret + `resource "x" "y" { count = var.secret == null ? 0 : 1 }`, ""},
		"asked how long it is":      {secret + `resource "x" "y" { n = length(var.secret) }`, ""},
		"not marked":                {`variable "service_account_secret" {}`, "service_account_secret is not marked"},
		"about a secret":            {`variable "secrets_version" {}` + "\n" + `variable "secret_arn" {}`, ""},
		"output":                    {secret + `output "o" { value = var.secret }`, "the output o has a secret"},
		"sensitive output": {secret + `output "o" {
  value     = [for s in [var.secret] : upper(s)]
  sensitive = true
}`, "the output o has a secret"},
		"environment": {secret + `resource "x" "y" {
  environment {
    variables = { A = "a", B = "b-${var.secret}" }
  }
}`, "x.environment.variables.B has a secret"},
		"merged": {secret + `resource "x" "y" { settings = merge({ A = "a" }, { B = var.secret }) }`, "x.settings has a secret"},
		"over locals": {secret + `locals {
  a = { s = [var.secret] }
  b = local.a.s
}
resource "x" "y" { a = local.b[0] }`, "x.a has a secret"},
		"chosen": {secret + `resource "x" "y" { a = var.known ? "a" : (var.secret) }`, "x.a has a secret"},
		"dynamic": {secret + `resource "x" "y" {
  dynamic "header" {
    for_each = [1]
    content { value = var.secret }
  }
}`, "x.header.value has a secret"},
		"each of it": {secret + `resource "x" "y" {
  dynamic "header" {
    for_each = { a = var.secret }
    content { value = header.value }
  }
}`, "x.header is made for each of a secret"},
		"generated":               {`resource "x" "y" { a = random_password.p[*].result }`, "x.a has a secret"},
		"generated, by number":    {`resource "x" "y" { a = random_password.p[0].result }`, "x.a has a secret"},
		"generated, by key":       {`resource "x" "y" { a = random_password.p[each.key].result }`, "x.a has a secret"},
		"a key that is given out": {`resource "x" "y" { a = azurerm_storage_account.a.primary_access_key }`, "x.a has a secret"},
		"read":                    {`resource "x" "y" { a = data.azurerm_key_vault_secret.s.value }`, "x.a has a secret"},
		"a reference":             {`resource "x" "y" { a = azurerm_key_vault_secret.s.versionless_id }`, ""},
		"ephemeral":               {`resource "x" "y" { a = ephemeral.random_password.p.result }`, "x.a has a secret"},
		"logs by identity": {`resource "azurerm_application_insights" "l" { local_authentication_enabled = false }
resource "x" "y" { a = azurerm_application_insights.l.connection_string }`, ""},
		"logs by key": {`resource "azurerm_application_insights" "l" {}
resource "x" "y" { a = azurerm_application_insights.l.connection_string }`, "x.a has a secret"},
		"to a module that marks it": {secret + `module "m" {
  source = "./m"
  marked = var.secret
}`, ""},
		"to a module that does not": {secret + `module "m" {
  source = "./m"
  plain  = var.secret
}`, "is given a secret as plain"},
		"to a module from elsewhere": {secret + `module "m" {
  source = "example.com/m"
  marked = var.secret
}`, "is given a secret as marked"},
		"not terraform": {`resource {`, "main.tf"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, test.module)
			write(t, filepath.Join(dir, "m"), "variable \"marked\" {\n  ephemeral = true\n}\nvariable \"plain\" {}")
			_, _, err := run([]string{dir})
			switch {
			case test.want == "" && err != nil:
				t.Error(err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("error %v, want %q in it", err, test.want)
			}
		})
	}
}

// Nothing to read is no success.
func TestRunNothing(t *testing.T) {
	if _, _, err := run([]string{t.TempDir()}); err == nil {
		t.Error("no error")
	}
}

func write(t *testing.T, dir, text string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
