package dtapi_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/shared/dtapi"
	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/secret/secrettest"
)

func TestNewRefuses(t *testing.T) {
	valid := func() dtapi.Config {
		return dtapi.Config{Credentials: dtapi.Credentials{KeyID: keyID, Secret: secret.New(keySecret), Email: email}}
	}
	if _, err := dtapi.New(valid()); err != nil {
		t.Fatalf("with defaults: %v", err)
	}
	for name, test := range map[string]struct {
		change func(*dtapi.Config)
		want   string // "" means that it is accepted
	}{
		"http":               {func(c *dtapi.Config) { c.URL = "http://api.example/v2" }, "URL (DT_API_URL): want an https URL"},
		"http, this machine": {func(c *dtapi.Config) { c.URL = "http://127.0.0.1:8080/v2" }, ""},
		"http, localhost":    {func(c *dtapi.Config) { c.TokenURL = "http://localhost/token" }, ""},
		"no host":            {func(c *dtapi.Config) { c.URL = "https://:443" }, "URL (DT_API_URL): not a URL"},
		"not a URL":          {func(c *dtapi.Config) { c.URL = "api.d21s.com" }, "URL (DT_API_URL): not a URL"},
		"user":               {func(c *dtapi.Config) { c.URL = "https://u:hunter2@api.example" }, "has a user"},
		"query":              {func(c *dtapi.Config) { c.TokenURL = "https://id.example/token?key=hunter2" }, "TokenURL (DT_TOKEN_URL): has a user, a query"},
		"token over http":    {func(c *dtapi.Config) { c.TokenURL = "http://id.example/token" }, "TokenURL (DT_TOKEN_URL): want an https URL"},
		"no key":             {func(c *dtapi.Config) { c.Credentials.KeyID = "" }, "Credentials.KeyID (DT_SERVICE_ACCOUNT_KEY_ID): missing"},
		"colon in key":       {func(c *dtapi.Config) { c.Credentials.KeyID = "a:b" }, "Credentials.KeyID"},
		"line in key":        {func(c *dtapi.Config) { c.Credentials.KeyID = "ab\n" }, "Credentials.KeyID"},
		"no secret":          {func(c *dtapi.Config) { c.Credentials.Secret = secret.Text{} }, "Credentials.Secret (DT_SERVICE_ACCOUNT_SECRET): missing"},
		"not an email":       {func(c *dtapi.Config) { c.Credentials.Email = "me" }, "Credentials.Email (DT_SERVICE_ACCOUNT_EMAIL): not an email"},
		"negative rate":      {func(c *dtapi.Config) { c.Rate = -1 }, "Rate: want"},
		"rate is no number":  {func(c *dtapi.Config) { c.Rate = math.NaN() }, "Rate: want"},
		"no limit":           {func(c *dtapi.Config) { c.Rate = math.Inf(1) }, ""},
		"negative burst":     {func(c *dtapi.Config) { c.Burst = -1 }, "Burst: want"},
		"negative attempts":  {func(c *dtapi.Config) { c.Attempts = -1 }, "Attempts: want"},
		"user agent":         {func(c *dtapi.Config) { c.UserAgent = "a\r\nX: y" }, "UserAgent: want"},
	} {
		c := valid()
		test.change(&c)
		_, err := dtapi.New(c)
		switch {
		case test.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
			t.Errorf("%s: got %v, want %s", name, err, test.want)
		}
		secrettest.CheckHidden(t, name, fmt.Sprint(err), "hunter2")
		secrettest.CheckHidden(t, name, fmt.Sprint(err), keySecret)
	}
}

// All that is wrong is said at once.
func TestNewNamesEveryFault(t *testing.T) {
	_, err := dtapi.New(dtapi.Config{URL: "x", TokenURL: "y", Rate: -1, Burst: -1, Attempts: -1, Credentials: dtapi.Credentials{Email: "z"}})
	if err == nil {
		t.Fatal("accepted")
	}
	lines := strings.Split(err.Error(), "\n")
	want := []string{"DT_API_URL", "DT_TOKEN_URL", "DT_SERVICE_ACCOUNT_KEY_ID", "DT_SERVICE_ACCOUNT_SECRET", "DT_SERVICE_ACCOUNT_EMAIL", "Rate", "Burst", "Attempts"}
	if len(lines) != len(want) {
		t.Fatalf("%d lines, want %d:\n%v", len(lines), len(want), err)
	}
	for i, line := range lines {
		if !strings.Contains(line, want[i]) {
			t.Errorf("line %d is %q, want one about %s", i, line, want[i])
		}
	}
}

// Neither the settings nor the client shows the key's secret or a token.
func TestClientIsNotPrinted(t *testing.T) {
	w := &world{}
	var config dtapi.Config
	c := w.client(t, withToken, func(c *dtapi.Config) { config = *c })
	w.answer(always(`{"metrics":{}}`))
	if _, err := c.ConnectorMetrics(t.Context(), connector); err != nil {
		t.Fatal(err)
	}
	basic := w.client(t)
	config.Client = nil // it is the test's, and has seen everything
	for _, verb := range secrettest.Verbs() {
		for name, value := range map[string]any{"config": config, "credentials": config.Credentials} {
			secrettest.CheckHidden(t, name+" by "+verb, fmt.Sprintf(verb, value), keySecret)
		}
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		for _, value := range []any{c, *c, basic} {
			shown := fmt.Sprintf(verb, value)
			secrettest.CheckHidden(t, "client", shown, keySecret)
			secrettest.CheckHidden(t, "client", shown, "access-token-a")
			secrettest.CheckHidden(t, "client", shown, "YzE4cnMzNm9sdjkwMjFlcHN2Mmc6MjM5ZGNkOTEyYjgwNDFhNTgwNTRmODQzYTJhNjMzYTQ=")
		}
	}
}
