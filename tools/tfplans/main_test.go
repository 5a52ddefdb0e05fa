package main

import (
	"io"
	"strings"
	"testing"
)

const summary = `{"type":"test_summary","test_summary":{"status":"pass","passed":1}}` + "\n"

func planOf(run, change string) string {
	return `{"type":"test_plan","@testfile":"f","@testrun":"` + run + `","test_plan":{"resource_changes":[` + change + `]}}` + "\n" + summary
}

// What is held against the rules is found when it breaks them.
func TestRun(t *testing.T) {
	const (
		update = `{"address":"a","type":"aws_lambda_function","change":{"actions":["update"],"before":{"source_code_hash":"x","role":"r"},"after":{"source_code_hash":"y","role":"r","arn":null},"after_unknown":{"arn":true}}}`
		other  = `{"address":"a","type":"aws_lambda_function","change":{"actions":["update"],"before":{"source_code_hash":"x","role":"r"},"after":{"source_code_hash":"y","role":"s"}}}`
		none   = `{"address":"a","type":"aws_lambda_function","change":{"actions":["no-op"],"before":{"role":"r"},"after":{"role":"r"}}}`
	)
	settings := func(before, after, unknown string) string {
		return planOf("changed_source", `{"address":"a","type":"azurerm_function_app_flex_consumption","change":{"actions":["update"],"before":{"app_settings":`+before+
			`},"after":{"app_settings":`+after+`},"after_unknown":{"app_settings":`+unknown+`}}}`)
	}
	secretIn := func(resource, attribute, sensitive string) string {
		return `{"address":"a","type":"` + resource + `","change":{"actions":["create"],"after":{"` + attribute + `":{"x":["planted-1"]}},"after_sensitive":{"` + attribute + `":` + sensitive + `}}}`
	}
	tests := map[string]struct{ in, want string }{
		"nothing":                   {summary, ""},
		"a failed run":              {strings.Replace(summary, "pass", "fail", 1), "not all runs"},
		"a skipped run":             {strings.Replace(summary, `"passed":1`, `"skipped":1`, 1), "not all runs"},
		"broken off":                {"", "not come to its end"},
		"an error":                  {`{"type":"diagnostic","diagnostic":{"severity":"error","summary":"why"}}` + "\n" + summary, "why"},
		"no change":                 {planOf("again", none), ""},
		"a change":                  {planOf("again", update), "wants to [update] a: [source_code_hash]"},
		"the source":                {planOf("changed_source", update), ""},
		"more than the source":      {planOf("changed_source", other), "changes a.role"},
		"the source's setting":      {settings(`{"PACKAGE_SHA256":"x","DT_SINK":"s"}`, `{"PACKAGE_SHA256":"y","DT_SINK":"s"}`, `{}`), ""},
		"another setting":           {settings(`{"PACKAGE_SHA256":"x","DT_SINK":"s"}`, `{"PACKAGE_SHA256":"y","DT_SINK":"t"}`, `{}`), "changes a.app_settings.DT_SINK"},
		"one setting less":          {settings(`{"PACKAGE_SHA256":"x","DT_SINK":"s"}`, `{"PACKAGE_SHA256":"y"}`, `{}`), "changes a.app_settings.DT_SINK"},
		"a setting is not known":    {settings(`{"PACKAGE_SHA256":"x","DT_SINK":"s"}`, `{"PACKAGE_SHA256":"y"}`, `{"DT_SINK":true}`), ""},
		"no settings any more":      {settings(`{"PACKAGE_SHA256":"x"}`, `null`, `{}`), "changes a.app_settings"},
		"not the source":            {planOf("changed_source", none), "not deployed"},
		"a secret in its place":     {planOf("x", secretIn("heroku_app_config_association", "sensitive_vars", "true")), ""},
		"a secret that is not said": {planOf("x", secretIn("heroku_app_config_association", "sensitive_vars", "{}")), "not marked sensitive"},
		"a secret in a variable":    {planOf("x", secretIn("aws_lambda_function", "environment", "true")), "a.environment.x has a secret"},
		"a secret in an output": {`{"type":"test_state","test_state":{"outputs":{"o":{"value":"my planted-1","sensitive":true}}}}` + "\n" + summary,
			"output o has a secret"},
		"a secret in a module": {`{"type":"test_state","test_state":{"root_module":{"child_modules":[{"resources":[{"address":"m.a","type":"t","values":{"v":"planted-1"}}]}]}}}` + "\n" + summary,
			"m.a.v has a secret"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := run(strings.NewReader(test.in), io.Discard)
			switch {
			case test.want == "" && err != nil:
				t.Error(err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("error %v, want %q in it", err, test.want)
			}
		})
	}
}
