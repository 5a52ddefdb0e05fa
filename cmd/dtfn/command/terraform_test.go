package command_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/dt-functions/dt-functions/shared/secret/secrettest"
)

// A provider sends what the Terraform provider disruptive-technologies/dt 0.18.0 was
// seen to send: an assertion without typ and with a list as its audience, bare project
// ids, whole objects with null for what is not set, and no update mask. It takes 200
// alone for success.
type provider struct {
	api   string // with /v2
	token string
}

// A resource is a dt_data_connector as terraform/connector writes it.
type resource struct {
	Name             string          `json:"name,omitempty"`
	DisplayName      string          `json:"displayName"`
	Type             string          `json:"type"`
	Status           string          `json:"status"`
	Events           []string        `json:"events"`
	Labels           []string        `json:"labels"`
	HTTPConfig       resourceHTTP    `json:"httpConfig"`
	PubSubConfig     json.RawMessage `json:"pubsubConfig"`
	SQSConfig        json.RawMessage `json:"awsSqsConfig"`
	ServiceBusConfig json.RawMessage `json:"azureServiceBusConfig"`
	EventHubConfig   json.RawMessage `json:"azureEventHubConfig"`
}

type resourceHTTP struct {
	URL             string            `json:"url"`
	SignatureSecret string            `json:"signatureSecret"`
	Headers         map[string]string `json:"headers"`
}

func newProvider(t *testing.T, s *apiScene) *provider {
	t.Helper()
	env := s.Environment()
	now := s.Clock().Now()
	assertion := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"iss": env["DT_SERVICE_ACCOUNT_EMAIL"], "aud": []string{env["DT_TOKEN_URL"]},
		"iat": now.Add(-5 * time.Second).Unix(), "exp": now.Add(time.Hour).Unix(),
	})
	assertion.Header = map[string]any{"alg": "HS256", "kid": env["DT_SERVICE_ACCOUNT_KEY_ID"]}
	signed, err := assertion.SignedString([]byte(env["DT_SERVICE_ACCOUNT_SECRET"]))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.PostForm(env["DT_TOKEN_URL"], url.Values{
		"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {signed},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || resp.StatusCode != http.StatusOK || answer.AccessToken == "" {
		t.Fatalf("%s, %v", resp.Status, err)
	}
	return &provider{api: env["DT_API_URL"], token: answer.AccessToken}
}

// call sends a request and takes the answer into out, if any.
func (p *provider) call(t *testing.T, method, path string, body, out any) int {
	t.Helper()
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		content = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, p.api+path, content)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+p.token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if out != nil && resp.StatusCode == http.StatusOK {
		if err := json.Unmarshal(text, out); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
	}
	return resp.StatusCode
}

func (p *provider) must(t *testing.T, method, path string, body, out any) {
	t.Helper()
	if status := p.call(t, method, path, body, out); status != http.StatusOK {
		t.Fatalf("%s %s: %d; the provider takes 200 alone", method, path, status)
	}
}

// The connector is Terraform's, its running settings are configure's: neither undoes
// what the other has done.
func TestTerraformAndConfigure(t *testing.T) {
	s := newAPIScene(t)
	p := newProvider(t, s)
	p.must(t, "GET", "/projects", nil, nil)

	// terraform apply.
	wanted := resource{
		DisplayName: "dt-functions main", Type: "HTTP_PUSH", Status: "ACTIVE", Events: []string{}, Labels: []string{"name", "site"},
		HTTPConfig: resourceHTTP{URL: "https://receive.example.com/", Headers: map[string]string{}},
	}
	var state resource
	p.must(t, "POST", "/projects/p1/dataconnectors", wanted, &state)
	if !strings.HasPrefix(state.Name, "projects/p1/dataconnectors/") {
		t.Fatalf("the name is %q", state.Name)
	}
	path := "/" + state.Name
	// What it reads back must be what it has sent, or Terraform refuses it as
	// inconsistent.
	check := func(when string, want resource) resource {
		t.Helper()
		var is resource
		p.must(t, "GET", path, nil, &is)
		want.Name = state.Name
		is.PubSubConfig, is.SQSConfig, is.ServiceBusConfig, is.EventHubConfig = nil, nil, nil, nil
		if !reflect.DeepEqual(is, want) {
			t.Errorf("%s: the connector is\n%+v\nwant\n%+v", when, is, want)
		}
		return is
	}
	check("after apply", wanted)

	// configure gives it the secret and a header.
	config := `{"httpConfig":{"headers":{"X-Site":"Oslo"}}}`
	signed := []string{"DT_SIGNATURE_SECRET=" + connectorSecret}
	got := s.dtfn(t, config, signed, "connector", "apply", state.Name, "--config", "-")
	if got.code != 0 {
		t.Fatalf("%+v", got)
	}
	configured := wanted
	configured.HTTPConfig.SignatureSecret, configured.HTTPConfig.Headers = connectorSecret, map[string]string{"X-Site": "Oslo"}
	state = check("after configure", configured)

	// A second plan takes both from what it reads (ignore_changes), so an apply that
	// changes the events sends them as they are.
	state.Events = []string{"temperature", "touch"}
	p.must(t, "PATCH", path, state, nil)
	configured.Events = state.Events
	check("after the second apply", configured)
	if got := s.dtfn(t, config, signed, "connector", "apply", state.Name, "--config", "-"); got.code != 0 || !strings.Contains(got.stdout, "nothing to change") {
		t.Errorf("configure has something to change: %+v", got)
	}

	// Without ignore_changes the apply would take the secret away. configure gives it
	// back, and says so without showing it.
	p.must(t, "PATCH", path, wanted, nil)
	if is := s.is(t, state.Name); is.HTTPConfig.SignatureSecret != "" {
		t.Fatal("an empty secret does not clear it")
	}
	got = s.dtfn(t, config, signed, "connector", "apply", state.Name, "--config", "-")
	if is := s.is(t, state.Name); got.code != 0 || is.HTTPConfig.SignatureSecret != connectorSecret {
		t.Errorf("the secret is not back: %+v", got)
	}
	secrettest.CheckHidden(t, "the output", fmt.Sprint(got), connectorSecret)

	// terraform destroy.
	p.must(t, "DELETE", path, nil, nil)
	if status := p.call(t, "GET", path, nil, nil); status != http.StatusNotFound {
		t.Errorf("after destroy: %d", status)
	}
}

// What the provider does wrong is answered as DT answers it, not with a success that
// would hide it here.
func TestTerraformTraps(t *testing.T) {
	s := newAPIScene(t)
	p := newProvider(t, s)
	whole := resource{
		DisplayName: "n", Type: "HTTP_PUSH", Status: "ACTIVE", Events: []string{}, Labels: []string{"name"},
		HTTPConfig: resourceHTTP{URL: "https://receive.example.com/", Headers: map[string]string{}},
	}
	another := whole
	another.Type = "WEBHOOK"
	for name, test := range map[string]struct {
		path string
		body any
	}{
		"the project as its documentation has it": {"/projects/projects/p1/dataconnectors", whole},
		"a type that there is not":                {"/projects/p1/dataconnectors", another},
		"no configuration":                        {"/projects/p1/dataconnectors", map[string]any{"type": "HTTP_PUSH", "displayName": "n", "httpConfig": nil}},
	} {
		t.Run(name, func(t *testing.T) {
			if status := p.call(t, "POST", test.path, test.body, nil); status < 400 || status >= 500 {
				t.Errorf("answered with %d", status)
			}
		})
	}
}
