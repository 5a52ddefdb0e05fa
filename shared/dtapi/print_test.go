package dtapi_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/shared/dtapi"
	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/secret/secrettest"
)

// hidden are the secrets of secretConnector, urlHidden those that are parts of its
// URL: that is a plain text, which fmt can reach where it calls no method.
var (
	hidden    = []string{"MARK-signature-1", "MARK-header-2", "MARK-unknown-5", "MARK-inner-6", "MARK-config-7", "MARK-url-10"}
	urlHidden = []string{"MARK-query-3", "MARK-password-4", "MARK-fragment-8", "MARK-lone-9"}
)

// secretAnswer is a connector with secrets in every place.
const secretAnswer = `{
 "name": "projects/p/dataconnectors/c", "displayName": "d", "type": "HTTP_PUSH", "status": "ACTIVE", "events": ["touch"], "labels": [],
 "httpConfig": {
  "url": "https://user:MARK-password-4@customer.example:8443/events?code=MARK-query-3&MARK-lone-9#MARK-fragment-8",
  "signatureSecret": "MARK-signature-1",
  "headers": {"X-Api-Key": "MARK-header-2"},
  "clientSecret": "MARK-inner-6", "minVersion": 1.2
 },
 "otherConfig": {"sasToken": "MARK-unknown-5", "password": {"value": ["MARK-config-7", 5]}, "address": "sb://u:MARK-url-10@ns.example/topic", "audience": "me", "n": 12345678901234567890, "ok": true, "none": null, "empty_secret": ""}
}`

// shownAnswer is the same for people.
const shownAnswer = `{"name":"projects/p/dataconnectors/c","displayName":"d","type":"HTTP_PUSH","status":"ACTIVE","events":["touch"],"labels":[],` +
	`"httpConfig":{"url":"https://[redacted]@customer.example:8443/events?code=[redacted]&[redacted]#[redacted]","signatureSecret":"[redacted]","headers":{"X-Api-Key":"[redacted]"},"clientSecret":"[redacted]","minVersion":1.2},` +
	`"otherConfig":{"address":"sb://[redacted]@ns.example/topic","audience":"me","empty_secret":"","n":12345678901234567890,"none":null,"ok":true,"password":{"value":["[redacted]","[redacted]"]},"sasToken":"[redacted]"}}`

func secretConnector(t *testing.T) dtapi.Connector {
	t.Helper()
	w := &world{api: always(secretAnswer)}
	c, err := w.client(t).Connector(t.Context(), connector)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// secretChange changes everything to what holds secrets.
func secretChange() dtapi.Change {
	return dtapi.Change{
		DisplayName: new("d"), URL: new("https://u:MARK-password-4@h.example/?code=MARK-query-3"),
		SignatureSecret: new(secret.New("MARK-signature-1")), Headers: &map[string]secret.Text{"X-Api-Key": secret.New("MARK-header-2")},
	}
}

func TestConnectorShowsNoSecret(t *testing.T) {
	c, change := secretConnector(t), secretChange()
	type holder struct {
		Exported dtapi.Connector
		Pointer  *dtapi.Connector
		List     []dtapi.Connector
		Named    map[string]*dtapi.HTTPConfig
		Any      any
		Change   dtapi.Change
	}
	h := holder{c, &c, []dtapi.Connector{c}, map[string]*dtapi.HTTPConfig{"h": c.HTTP}, c, change}
	values := map[string]any{
		"connector": c, "pointer": &c, "list": []dtapi.Connector{c}, "HTTP": c.HTTP, "HTTP itself": *c.HTTP,
		"struct": h, "pointer to struct": &h, "change": change, "pointer to change": &change,
	}
	check := func(what, shown string) {
		t.Helper()
		for _, s := range slices.Concat(hidden, urlHidden) {
			secrettest.CheckHidden(t, what, shown, s)
		}
	}
	for name, value := range values {
		for _, verb := range secrettest.Verbs() {
			shown := fmt.Sprintf(verb, value)
			for _, s := range hidden {
				secrettest.CheckHidden(t, name+" by "+verb, shown, s)
			}
			// p and w are not for values: no method is asked.
			if !strings.ContainsAny(verb, "pw") {
				check(name+" by "+verb, shown)
			}
		}
		text, err := json.Marshal(value)
		if err != nil || !json.Valid(text) {
			t.Errorf("%s as JSON: %s, %v", name, text, err)
		}
		check(name+" as JSON", string(text))
		var b bytes.Buffer
		for _, handler := range []slog.Handler{slog.NewJSONHandler(&b, nil), slog.NewTextHandler(&b, nil)} {
			slog.New(handler).With("with", value).Info("m", "value", value, slog.Group("g", "v", value))
		}
		check(name+" logged", b.String())
		if !strings.Contains(b.String(), "redacted") {
			t.Errorf("%s logged: %s", name, &b)
		}
	}
}

// In an unexported field fmt calls no method.
func TestConnectorInUnexportedField(t *testing.T) {
	c := secretConnector(t)
	holder := struct {
		connector dtapi.Connector
		change    dtapi.Change
	}{c, secretChange()}
	for _, value := range []any{holder, &holder} {
		for _, verb := range secrettest.Verbs() {
			for _, s := range hidden {
				secrettest.CheckHidden(t, verb, fmt.Sprintf(verb, value), s)
			}
		}
		for _, verb := range []string{"%v", "%+v", "%#v"} {
			for _, s := range urlHidden {
				secrettest.CheckHidden(t, verb, fmt.Sprintf(verb, value), s)
			}
		}
	}
}

func TestConnectorForPeople(t *testing.T) {
	c := secretConnector(t)
	if got := fmt.Sprint(c); got != shownAnswer {
		t.Errorf("printed\n%s\nwant\n%s", got, shownAnswer)
	}
	got, err := json.Marshal(c)
	if err != nil || !sameJSON(t, got, []byte(shownAnswer)) {
		t.Errorf("as JSON\n%s, %v\nwant\n%s", got, err, shownAnswer)
	}
	for value, want := range map[fmt.Formatter]string{
		&dtapi.Connector{Type: dtapi.TypeHTTPPush, HTTP: &dtapi.HTTPConfig{URL: "https://a.example", Headers: map[string]secret.Text{}}}: `{"type":"HTTP_PUSH","httpConfig":{"url":"https://a.example","headers":{}}}`,
		&dtapi.Connector{}:  `{}`,
		&dtapi.HTTPConfig{}: `{"url":""}`,
		&dtapi.Change{}:     `{}`,
	} {
		if got := fmt.Sprintf("%+v", value); got != want {
			t.Errorf("printed %s, want %s", got, want)
		}
	}
	if got, want := fmt.Sprint(secretChange()), `{"displayName":"d","httpConfig":{"url":"https://[redacted]@h.example/?code=[redacted]","signatureSecret":"[redacted]","headers":{"X-Api-Key":"[redacted]"}}}`; got != want {
		t.Errorf("printed %s, want %s", got, want)
	}
}

func TestRedactURL(t *testing.T) {
	for address, want := range map[string]string{
		"":                                 "",
		"https://a.example/b/c":            "https://a.example/b/c",
		"https://a.example":                "https://a.example",
		"https://a.example:8443/%2F?x=1":   "https://a.example:8443/%2F?x=[redacted]",
		"https://a.example?x=1&y=2&&z":     "https://a.example?x=[redacted]&y=[redacted]&&[redacted]",
		"https://a.example/?a=b=c":         "https://a.example/?a=[redacted]",
		"https://k@a.example/":             "https://[redacted]@a.example/",
		"https://:p@a.example/#f":          "https://[redacted]@a.example/#[redacted]",
		"sb://ns.servicebus.example/topic": "sb://ns.servicebus.example/topic",
		"key":                              "[redacted]",
		"mailto:me":                        "[redacted]",
		"https://a b/":                     "[redacted]",
		"https://a.example/%zz":            "[redacted]",
		"//a.example/x":                    "[redacted]",
		"https:///x":                       "[redacted]",
	} {
		if got := dtapi.RedactURL(address); got != want {
			t.Errorf("%s: got %s, want %s", address, got, want)
		}
	}
}
