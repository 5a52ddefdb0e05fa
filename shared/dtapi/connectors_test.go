package dtapi_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/shared/dtapi"
	"github.com/dt-functions/dt-functions/shared/secret"
)

// sameJSON reports whether two JSON texts say the same.
func sameJSON(t *testing.T, a, b []byte) bool {
	t.Helper()
	var va, vb any
	if err := json.Unmarshal(a, &va); err != nil {
		t.Fatalf("%v in %s", err, a)
	}
	if err := json.Unmarshal(b, &vb); err != nil {
		t.Fatalf("%v in %s", err, b)
	}
	return reflect.DeepEqual(va, vb)
}

// reveal returns what a connector holds, for comparing: secrets have no ==.
func reveal(c dtapi.Connector) string {
	shown := fmt.Sprintf("%s|%s|%s|%s|%q|%q", c.Name, c.DisplayName, c.Type, c.Status, c.Events, c.Labels)
	if c.HTTP != nil {
		shown += fmt.Sprintf("|%s|%s", c.HTTP.URL, c.HTTP.SignatureSecret.Reveal())
		for _, name := range []string{"another-header", "some-header"} {
			shown += "|" + c.HTTP.Headers[name].Reveal()
		}
	}
	return shown
}

func TestConnectorsAreRead(t *testing.T) {
	all := vectors(t, "connectors.json")
	for name, want := range map[string]string{
		"simple":       `projects/c0md3mm0c7pet3vico8g/dataconnectors/c16eegpdidie7lltpefg|my-new-dcon|HTTP_PUSH|ACTIVE|[]|["name"]|https://584087e0a1fa.eu.ngrok.io/api/endpoint|||`,
		"configured":   `projects/c0md3pm0p7bet3vico8g/dataconnectors/c16pegipidie7lltrefg|my-new-dcon|HTTP_PUSH|ACTIVE|["touch" "temperature" "objectPresent"]|["name" "custom-label-01" "custom-label-02"]|https://584087e0a1fa.eu.ngrok.io/api/endpoint|some-very-good-secret|header-contents|abc123`,
		"unknown_type": `projects/c0md3mm0c7pet3vico8g/dataconnectors/c16eegpdidie7lltpefg|my-new-dcon|unknown|ACTIVE|[]|["name"]`,
	} {
		w := &world{api: always(string(all[name]))}
		c, err := w.client(t).Connector(t.Context(), connector)
		if err != nil || reveal(c) != want {
			t.Errorf("%s: %s, %v\nwant %s", name, reveal(c), err, want)
		}
		if r := w.seen()[0]; r.Method != "GET" || r.Path != "/"+string(connector) || len(r.Query) != 0 {
			t.Errorf("%s: sent %s %s", name, r.Method, r.URL)
		}
	}
	w := &world{api: always(string(all["list_response"]))}
	var names []dtapi.ConnectorName
	for c, err := range w.client(t).Connectors(t.Context(), "projects/"+project) {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, c.Name)
	}
	if len(names) != 2 || names[1] != "projects/c0md3pm0p7bet3vico8g/dataconnectors/c16pegipidie7lltrefg" {
		t.Errorf("listed %q", names)
	}
	if r := w.seen()[0]; r.URL != apiURL+"/projects/"+project+"/dataconnectors?page_size=100" {
		t.Errorf("sent %s", r.URL)
	}
	w = &world{api: always(string(all["metrics"]))}
	m, err := w.client(t).ConnectorMetrics(t.Context(), connector)
	if want := (dtapi.Metrics{SuccessCount: 9, Latency99p: 411 * time.Millisecond}); err != nil || m != want {
		t.Errorf("metrics %+v, %v, want %+v", m, err, want)
	}
	if r := w.seen()[0]; r.Method != "GET" || r.Path != "/"+string(connector)+":metrics" {
		t.Errorf("sent %s %s", r.Method, r.URL)
	}
}

// Both spellings are read, and numbers that are texts.
func TestOtherSpellings(t *testing.T) {
	w := &world{api: always(`{"data_connectors":[{"name":"projects/p/dataConnectors/c","display_name":"d","type":"HTTP_PUSH","http_config":{"signature_secret":"s3cr3t","url":"https://u.example"}}],"next_page_token":""}`)}
	n := 0
	for c, err := range w.client(t).Connectors(t.Context(), project) {
		if err != nil {
			t.Fatal(err)
		}
		n++
		if want := `projects/p/dataconnectors/c|d|HTTP_PUSH||[]|[]|https://u.example|s3cr3t||`; reveal(c) != want {
			t.Errorf("got %s, want %s", reveal(c), want)
		}
	}
	if n != 1 {
		t.Errorf("%d connectors, want 1", n)
	}
	w.answer(always(`{"metrics":{"success_count":"12345678901","errorCount":"3","latency_99p":"1.5s","newer":{}},"more":1}`))
	m, err := w.client(t).ConnectorMetrics(t.Context(), connector)
	if want := (dtapi.Metrics{SuccessCount: 12345678901, ErrorCount: 3, Latency99p: 1500 * time.Millisecond}); err != nil || m != want {
		t.Errorf("got %+v, %v, want %+v", m, err, want)
	}
}

func TestCreateConnector(t *testing.T) {
	all := vectors(t, "connectors.json")
	for name, wanted := range map[string]dtapi.Connector{
		"create_request": {
			DisplayName: "my-new-dcon", Type: dtapi.TypeHTTPPush, Status: dtapi.StatusActive,
			Events: []string{}, Labels: []string{"name", "custom-label-01", "custom_label-02"},
			HTTP: &dtapi.HTTPConfig{
				URL:             "https://584087e0a1fa.eu.ngrok.io/api/endpoint",
				SignatureSecret: secret.New("some-very-good-secret"),
				Headers:         map[string]secret.Text{"another-header": secret.New("header-contents"), "some-header": secret.New("abc123")},
			},
		},
		"minimal_create_request": {
			Name: "projects/another/dataconnectors/name", // which DT gives
			Type: dtapi.TypeHTTPPush, HTTP: &dtapi.HTTPConfig{URL: "https://example.com/endpoint"},
		},
	} {
		w := &world{api: always(string(all["configured"]))}
		got, err := w.client(t).CreateConnector(t.Context(), project, wanted)
		if err != nil || got.Name != "projects/c0md3pm0p7bet3vico8g/dataconnectors/c16pegipidie7lltrefg" {
			t.Fatalf("%s: %v, %v", name, got, err)
		}
		r := w.seen()[0]
		if r.Method != "POST" || r.URL != apiURL+"/projects/"+project+"/dataconnectors" || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: sent %s %s as %s", name, r.Method, r.URL, r.Header.Get("Content-Type"))
		}
		if !sameJSON(t, []byte(r.Body), all[name]) {
			t.Errorf("%s: sent %s, want %s", name, r.Body, all[name])
		}
	}
}

// Connectors of other types, and members that nobody has heard of, are the same when
// a connector is made of one that was read.
func TestUnknownMembersSurvive(t *testing.T) {
	var others []json.RawMessage
	if err := json.Unmarshal(vectors(t, "connectors.json")["other_types"], &others); err != nil {
		t.Fatal(err)
	}
	others = append(others,
		json.RawMessage(`{"type":"HTTP_PUSH","httpConfig":{"url":"https://a.example/?x=1&y=<2>","retries":{"max":3.50},"signatureSecret":"s3cr3t"},"big":12345678901234567890,"exact":1.10,"nothing":null,"odd \"name\"":[{}]}`),
		json.RawMessage(`{"type":"HTTP_PUSH","httpConfig":{"url":"https://a.example","headers":{}},"pubsubConfig":null,"awsSqsConfig":null}`),
		json.RawMessage(`{"type":"unheard-of","httpConfig":{"signatureSecret":"s3cr3t"}}`),
	)
	if len(others) != 7 {
		t.Fatalf("%d connectors", len(others))
	}
	for _, other := range others {
		read := strings.Replace(string(other), "{", `{"name":"`+string(connector)+`",`, 1)
		w := &world{api: always(read)}
		c := w.client(t)
		got, err := c.Connector(t.Context(), connector)
		if err != nil {
			t.Fatalf("%s: %v", other, err)
		}
		if _, err := c.CreateConnector(t.Context(), project, got); err != nil {
			t.Fatalf("%s: %v", other, err)
		}
		sent := w.seen()[1].Body
		if !sameJSON(t, []byte(sent), other) {
			t.Errorf("sent %s, want %s", sent, other)
		}
		for _, exact := range []string{"12345678901234567890", "1.10", "3.50"} {
			if strings.Contains(string(other), exact) && !strings.Contains(sent, exact) {
				t.Errorf("sent %s, want %s as it was", sent, exact)
			}
		}
		if (got.HTTP != nil) != (got.Type == dtapi.TypeHTTPPush) {
			t.Errorf("%s has HTTP %v", got.Type, got.HTTP)
		}
	}
}

func TestSyncAndDelete(t *testing.T) {
	for _, answer := range []string{`{}`, ``} {
		w := &world{api: always(answer)}
		if err := w.client(t).SyncConnector(t.Context(), connector); err != nil {
			t.Error(err)
		}
		if err := w.client(t).DeleteConnector(t.Context(), connector); err != nil {
			t.Error(err)
		}
		sync, del := w.seen()[0], w.seen()[1]
		if sync.Method != "POST" || sync.Path != "/"+string(connector)+":sync" || sync.Body != "" {
			t.Errorf("sent %s %s %s", sync.Method, sync.Path, sync.Body)
		}
		if del.Method != "DELETE" || del.Path != "/"+string(connector) || del.Body != "" {
			t.Errorf("sent %s %s %s", del.Method, del.Path, del.Body)
		}
	}
}
