package settings_test

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/shared/dtapi"
	"github.com/dt-functions/dt-functions/shared/secret/secrettest"
	"github.com/dt-functions/dt-functions/shared/settings"
)

const (
	keySecret = "k3y-s3cr3t-MARK-0123456789"
	connector = "projects/p1/dataconnectors/c1"
	another   = "projects/p2/dataconnectors/c2"
)

// stores are checkpoint stores: those of one scheme.
type stores struct{}

func (stores) Schemes() []string                   { return []string{"mem"} }
func (stores) Check(text string) (*url.URL, error) { return url.Parse(text) }

// scheduled is an environment with which every scheduled function loads without a
// warning, with changes: pairs of name and value.
func scheduled(changes ...string) settings.Environment {
	env := settings.Environment{
		"DT_SERVICE_ACCOUNT_KEY_ID": "c18rs36olv9021epsv2g",
		"DT_SERVICE_ACCOUNT_SECRET": keySecret,
		"DT_SERVICE_ACCOUNT_EMAIL":  "a@p.serviceaccount.d21s.com",
		"DT_CONNECTORS":             connector,
		"DT_CONNECTOR_CONFIG":       `{"events":["touch"]}`,
		"DT_SINK":                   "stdout:",
		"DT_CHECKPOINT":             "mem://somewhere",
	}
	for pair := range slices.Chunk(changes, 2) {
		env[pair[0]] = pair[1]
	}
	return env
}

func loadAll(env settings.Environment) map[string]error {
	_, errSync := settings.LoadSync(env)
	_, errConfigure := settings.LoadConfigure(env)
	_, errRecover := settings.LoadRecover(env, drivers{}, stores{})
	return map[string]error{"sync": errSync, "configure": errConfigure, "recover": errRecover}
}

func TestLoadAPI(t *testing.T) {
	for name, err := range loadAll(scheduled()) {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	s, err := settings.LoadSync(scheduled("DT_CONNECTORS", connector+" , projects/p2/dataConnectors/c2"))
	if err != nil || len(s.Warnings) != 0 {
		t.Fatal(err, s.Warnings)
	}
	if s.API.URL != dtapi.DefaultURL || s.API.TokenURL != dtapi.DefaultTokenURL || s.API.Credentials.Secret.Reveal() != keySecret {
		t.Errorf("API %+v", s.API)
	}
	if !slices.Equal(s.Connectors, []dtapi.ConnectorName{connector, another}) {
		t.Errorf("connectors %q", s.Connectors)
	}
	s, err = settings.LoadSync(scheduled("DT_API_URL", "http://127.0.0.1:8081/v2/", "DT_TOKEN_URL", "https://tokens.example/t", "DT_SERVICE_ACCOUNT_EMAIL", ""))
	if err != nil || s.API.URL != "http://127.0.0.1:8081/v2" || s.API.TokenURL != "https://tokens.example/t" {
		t.Errorf("%v, %+v", err, s.API)
	}
	if len(s.Warnings) != 1 || !strings.Contains(s.Warnings[0], "DT_SERVICE_ACCOUNT_EMAIL: not set, so Basic auth") {
		t.Errorf("warnings %q", s.Warnings)
	}
}

// What is wrong is told by every function that reads it, and no secret with it.
func TestLoadAPIFaults(t *testing.T) {
	for _, test := range []struct{ name, value, want string }{
		{"DT_SERVICE_ACCOUNT_KEY_ID", "", "DT_SERVICE_ACCOUNT_KEY_ID: not set"},
		{"DT_SERVICE_ACCOUNT_KEY_ID", "a b", `DT_SERVICE_ACCOUNT_KEY_ID: "a b" is not a key id`},
		{"DT_SERVICE_ACCOUNT_SECRET", "", "DT_SERVICE_ACCOUNT_SECRET: not set"},
		{"DT_SERVICE_ACCOUNT_SECRET", keySecret + "\n", "DT_SERVICE_ACCOUNT_SECRET: white space"},
		{"DT_SERVICE_ACCOUNT_SECRET", "aws-ssm://" + keySecret, "DT_SERVICE_ACCOUNT_SECRET: a reference"},
		{"DT_SERVICE_ACCOUNT_EMAIL", "somebody", `DT_SERVICE_ACCOUNT_EMAIL: "somebody" is not an email address`},
		{"DT_API_URL", "http://api.d21s.com/v2", `DT_API_URL: "http://api.d21s.com/v2" is not https`},
		{"DT_API_URL", "https://u:" + keySecret + "@h/", "DT_API_URL: \"https://[redacted]@h/\" has a user name or a password"},
		{"DT_API_URL", "https://h/?key=" + keySecret, "DT_API_URL: \"https://h/\" has a query or a fragment"},
		{"DT_TOKEN_URL", "identity", `DT_TOKEN_URL: "identity" is not a URL with a host`},
		{"DT_CONNECTORS", "", "DT_CONNECTORS: not set"},
		{"DT_CONNECTORS", "projects/p1", `DT_CONNECTORS: "projects/p1" is not the name of a connector`},
		{"DT_CONNECTORS", connector + "," + connector, "DT_CONNECTORS: \"" + connector + "\" is there twice"},
		{"DT_CONNECTORS", connector + ",", `DT_CONNECTORS: "" is not the name of a connector`},
		{"DT_LOG_LEVEL", "loud", `DT_LOG_LEVEL: "loud" is not a level`},
	} {
		for function, err := range loadAll(scheduled(test.name, test.value)) {
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%s with %s=%q: %v, want %s", function, test.name, test.value, err, test.want)
				continue
			}
			secrettest.CheckHidden(t, "the error", err.Error(), keySecret)
		}
	}
}

func TestLoadConfigure(t *testing.T) {
	const config = `{
		"displayName": "Cold chain", "status": "USER_DISABLED", "events": ["temperature", "touch"], "labels": [],
		"httpConfig": {"url": "https://r.example/?key=1", "headers": {"X-Key": "s3cr3t-header-MARK-0123"}}
	}`
	c, err := settings.LoadConfigure(scheduled("DT_CONNECTOR_CONFIG", config, "DT_SIGNATURE_SECRET", current))
	if err != nil || len(c.Warnings) != 0 {
		t.Fatal(err, c.Warnings)
	}
	w := c.Wanted[connector]
	if len(c.Wanted) != 1 || *w.DisplayName != "Cold chain" || *w.Status != dtapi.StatusUserDisabled ||
		!slices.Equal(*w.Events, []string{"temperature", "touch"}) || w.Labels == nil || len(*w.Labels) != 0 ||
		*w.URL != "https://r.example/?key=1" || (*w.Headers)["X-Key"].Reveal() != "s3cr3t-header-MARK-0123" ||
		w.SignatureSecret.Reveal() != current {
		t.Errorf("wanted %v", c.Wanted)
	}

	// The secret alone is enough; what is not mentioned is not touched.
	c, err = settings.LoadConfigure(scheduled("DT_CONNECTOR_CONFIG", "", "DT_SIGNATURE_SECRET", current))
	if err != nil || !slices.Equal(c.Wanted[connector].Paths(), []string{"httpConfig.signatureSecret"}) {
		t.Errorf("%v, %v", err, c.Wanted)
	}

	// Connectors of their own.
	c, err = settings.LoadConfigure(scheduled("DT_CONNECTORS", connector+","+another,
		"DT_CONNECTOR_CONFIG", `{"*": {"labels":["name"]}, "projects/p2/dataConnectors/c2": {"events":["co2"]}}`))
	if err != nil || len(*c.Wanted[connector].Labels) != 1 || c.Wanted[connector].Events != nil ||
		len(*c.Wanted[another].Events) != 1 || c.Wanted[another].Labels != nil {
		t.Errorf("%v, %v", err, c.Wanted)
	}
}

func TestLoadConfigureFaults(t *testing.T) {
	for _, test := range []struct{ config, want string }{
		{"", "nothing is wanted, and DT_SIGNATURE_SECRET is not set either"},
		{"{}", "nothing is wanted"},
		{"[", "is not a JSON object"},
		{"null", "is not a JSON object"},
		{`{"events":[],"events":[]}`, "is not a JSON object (a name may not be in it twice)"},
		{`{"evnts":[]}`, "evnts is not a setting of a connector"},
		{`{"displayName":" "}`, "displayName is empty"},
		{`{"displayName":null}`, "displayName is not a text"},
		{`{"status":"SYSTEM_DISABLED"}`, `status: "SYSTEM_DISABLED" cannot be set; ACTIVE and USER_DISABLED can`},
		{`{"events":"touch"}`, "events is not a list of texts"},
		{`{"events":["temprature"]}`, `events: "temprature" is not an event type; there are touch, temperature, `},
		{`{"events":["touch","touch"]}`, `events: "touch" is there twice`},
		{`{"labels":[""]}`, "labels: a label's key is empty"},
		{`{"labels":["a","a"]}`, `labels: "a" is there twice`},
		{`{"httpConfig":[]}`, "httpConfig is not an object"},
		{`{"httpConfig":{"url":"http://r.example/?k=MARK"}}`, `httpConfig.url: "http://r.example/" is not https`},
		{`{"httpConfig":{"url":"r.example"}}`, "httpConfig.url is not a URL with a host"},
		{`{"httpConfig":{"retries":3}}`, "httpConfig.retries is not a setting of a connector"},
		{`{"httpConfig":{"headers":{"a b":"MARK"}}}`, `httpConfig.headers: "a b" is not a header that HTTP allows`},
		{`{"httpConfig":{"headers":{"a":"MARK\n"}}}`, `httpConfig.headers: "a" is not a header that HTTP allows`},
		{`{"httpConfig":{"headers":{"a":1}}}`, "httpConfig.headers is not an object of texts"},
		{`{"httpConfig":{"signatureSecret":"MARK "}}`, "httpConfig.signatureSecret: white space"},
		{`{"projects/p9/dataconnectors/c9":{"events":[]},"*":{"events":[]}}`, `"projects/p9/dataconnectors/c9" is not one of DT_CONNECTORS`},
		{`{"projects/p1":{"events":[]}}`, `"projects/p1" is not one of DT_CONNECTORS`},
		{`{"*":{"events":[]},"events":[]}`, `"events" is neither a connector's name nor *`},
		{`{"projects/p1/dataconnectors/c1":{}}`, "projects/p1/dataconnectors/c1: nothing is wanted"},
	} {
		_, err := settings.LoadConfigure(scheduled("DT_CONNECTOR_CONFIG", test.config))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %s", test.config, err, test.want)
			continue
		}
		secrettest.CheckHidden(t, "the error", err.Error(), "MARK")
	}
	_, err := settings.LoadConfigure(scheduled("DT_CONNECTORS", connector+","+another, "DT_CONNECTOR_CONFIG", `{"`+connector+`":{"events":[]}}`))
	if err == nil || !strings.Contains(err.Error(), `nothing is wanted of "`+another+`", and there is no *`) {
		t.Error(err)
	}
}

func TestLoadRecover(t *testing.T) {
	r, err := settings.LoadRecover(scheduled(), drivers{}, stores{})
	if err != nil || len(r.Warnings) != 0 || r.Checkpoint.Reveal() != "mem://somewhere" || r.UserDisabled || r.Overlap != time.Hour {
		t.Errorf("%v, %+v", err, r)
	}
	r, err = settings.LoadRecover(scheduled("DT_RECOVER_USER_DISABLED", "true", "DT_RECOVER_OVERLAP", "90m"), drivers{}, stores{})
	if err != nil || !r.UserDisabled || r.Overlap != 90*time.Minute {
		t.Errorf("%v, %+v", err, r)
	}
	for _, test := range []struct{ name, value, want string }{
		{"DT_CHECKPOINT", "", "DT_CHECKPOINT: not set"},
		{"DT_CHECKPOINT", "ftp://u:" + keySecret + "@h/", `DT_CHECKPOINT: "ftp://[redacted]@h/" has a scheme that is not known here; accepted: one checkpoint URL; schemes: mem`},
		{"DT_RECOVER_OVERLAP", "an hour", `DT_RECOVER_OVERLAP: "an hour" is not a duration from 0 to 744h`},
		{"DT_RECOVER_OVERLAP", "-1h", `DT_RECOVER_OVERLAP: "-1h" is not`},
		{"DT_RECOVER_OVERLAP", "745h", `DT_RECOVER_OVERLAP: "745h" is not`},
		{"DT_RECOVER_USER_DISABLED", "perhaps", "DT_RECOVER_USER_DISABLED:"},
		{"DT_SINK", "", "DT_SINK: not set"},
	} {
		_, err := settings.LoadRecover(scheduled(test.name, test.value), drivers{}, stores{})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s=%q: %v, want %s", test.name, test.value, err, test.want)
			continue
		}
		secrettest.CheckHidden(t, "the error", err.Error(), keySecret)
	}
	// A span given by hand needs no checkpoint.
	env := maps.Clone(scheduled())
	delete(env, "DT_CHECKPOINT")
	if _, err := settings.LoadBackfill(env, drivers{}); err != nil {
		t.Error(err)
	}
}
