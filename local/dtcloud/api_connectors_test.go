package dtcloud_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/local/dtcloud"
	"github.com/dt-functions/dt-functions/shared/event"
)

func contextWithStop(t *testing.T) (context.Context, context.CancelFunc) {
	ctx, stop := context.WithCancel(t.Context())
	t.Cleanup(stop)
	return ctx, stop
}

const wholeConnector = `{
	"displayName": "Cold chain", "type": "HTTP_PUSH", "status": "ACTIVE", "events": ["touch"], "labels": ["name"],
	"httpConfig": {"url": "https://r.example/", "signatureSecret": "s", "headers": {"A": "1"}}
}`

func TestAPIConnectors(t *testing.T) {
	a := newAPI(t, nil)
	var c map[string]any
	a.call(t, "POST", "/projects/p1/dataconnectors", wholeConnector).must(t, &c)
	name := c["name"].(string)
	if !strings.HasPrefix(name, "projects/p1/dataconnectors/") {
		t.Errorf("name %q", name)
	}
	var want map[string]any
	if err := json.Unmarshal([]byte(wholeConnector), &want); err != nil {
		t.Fatal(err)
	}
	want["name"] = name
	var got map[string]any
	a.call(t, "GET", "/"+name, "").must(t, &got)
	if !reflect.DeepEqual(c, want) || !reflect.DeepEqual(got, want) {
		t.Errorf("created %v\ngot %v\nwant %v", c, got, want)
	}
	var minimal map[string]any
	a.call(t, "POST", "/projects/p1/dataconnectors", `{"type":"HTTP_PUSH","httpConfig":{"url":"https://r.example/"}}`).must(t, &minimal)
	if minimal["status"] != "ACTIVE" || len(minimal["events"].([]any)) != 0 || minimal["httpConfig"].(map[string]any)["signatureSecret"] != "" {
		t.Errorf("minimal %v", minimal)
	}
	var metrics struct {
		Metrics map[string]any `json:"metrics"`
	}
	a.call(t, "GET", "/"+name+":metrics", "").must(t, &metrics)
	if len(metrics.Metrics) != 3 || metrics.Metrics["latency99p"] != "0.000s" {
		t.Errorf("metrics %v", metrics)
	}
	if got := a.call(t, "DELETE", "/"+name, ""); got.status != 200 || got.body != "{}" {
		t.Errorf("delete: %d %s", got.status, got.body)
	}
	if got := a.call(t, "GET", "/"+name, ""); got.status != http.StatusNotFound {
		t.Errorf("after deletion: %d", got.status)
	}
	var list struct{ DataConnectors []struct{ Name string } }
	a.call(t, "GET", "/projects/p1/dataconnectors", "").must(t, &list)
	if len(list.DataConnectors) != 1 || list.DataConnectors[0].Name != minimal["name"] {
		t.Errorf("list %v", list)
	}
}

// Connectors of other types are kept and shown as they came; they deliver nothing.
func TestAPIOtherTypes(t *testing.T) {
	a := newAPI(t, nil)
	for _, test := range []struct{ connectorType, member, config string }{
		{"GOOGLE_CLOUD_PUBSUB", "pubsubConfig", `{"audience":"a","topic":"projects/p/topics/t"}`},
		{"AWS_SQS", "awsSqsConfig", `{"awsRoleArn":"arn","queueUrl":"https://q"}`},
		{"AZURE_SERVICE_BUS", "azureServiceBusConfig", `{"brokerProperties":{"correlationId":"x"},"url":"sb://x"}`},
		{"AZURE_EVENT_HUB", "azureEventHubConfig", `{"url":"sb://x"}`},
	} {
		var c map[string]json.RawMessage
		a.call(t, "POST", "/projects/p1/dataconnectors",
			fmt.Sprintf(`{"type":%q,%q:%s,"httpConfig":null}`, test.connectorType, test.member, test.config)).must(t, &c)
		if string(c[test.member]) != test.config || c["httpConfig"] != nil {
			t.Errorf("%s: %s", test.connectorType, c)
		}
	}
	device, err := a.AddDevice(a.project, dtcloud.DeviceSpec{Type: event.DeviceTouch, Emulated: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Publish(device, event.TypeTouch, []byte("{}")); err != nil {
		t.Fatal(err)
	}
	if s := a.Stats(); s.Sent != 0 {
		t.Errorf("%v", s)
	}
}

// What a PATCH changes, and what it leaves alone.
func TestAPIPatch(t *testing.T) {
	for _, test := range []struct {
		name, mask, body string
		changes          map[string]any // of wholeConnector, by path
		want             int
	}{
		{name: "nothing", body: `{}`},
		{name: "status", body: `{"status":"USER_DISABLED"}`, changes: map[string]any{"status": "USER_DISABLED"}},
		{name: "without a mask, what is there", body: `{"events":[],"httpConfig":{"headers":{"B":"2"}}}`,
			changes: map[string]any{"events": []any{}, "httpConfig.headers": map[string]any{"B": "2"}}},
		{name: "null counts as absent", body: `{"labels":null,"pubsubConfig":null,"httpConfig":{"url":null,"signatureSecret":"n"}}`,
			changes: map[string]any{"httpConfig.signatureSecret": "n"}},
		{name: "the whole object, as Terraform sends it",
			body:    strings.Replace(wholeConnector, "Cold chain", "Other", 1),
			changes: map[string]any{"displayName": "Other"}},
		{name: "leaf in a mask", mask: "?update_mask=httpConfig.url", body: `{"httpConfig":{"url":"https://n.example/"},"displayName":"ignored"}`,
			changes: map[string]any{"httpConfig.url": "https://n.example/"}},
		{name: "other spellings", mask: "?updateMask=display_name,http_config.signature_secret", body: `{"displayName":"n","httpConfig":{"signatureSecret":""}}`,
			changes: map[string]any{"displayName": "n", "httpConfig.signatureSecret": ""}},
		{name: "in a mask, but not there", mask: "?update_mask=labels,httpConfig.headers", body: `{}`,
			changes: map[string]any{"labels": []any{}, "httpConfig.headers": map[string]any{}}},
		{name: "a whole object in a mask", mask: "?update_mask=httpConfig", body: `{"httpConfig":{"url":"https://n.example/"}}`,
			changes: map[string]any{"httpConfig.url": "https://n.example/", "httpConfig.signatureSecret": "", "httpConfig.headers": map[string]any{}}},
		{name: "the same type", body: `{"type":"HTTP_PUSH"}`},
		{name: "another type", body: `{"type":"AWS_SQS"}`, want: 400},
		{name: "no such path", mask: "?update_mask=color", body: `{}`, want: 400},
		{name: "wrong type", body: `{"events":"touch"}`, want: 400},
		{name: "not an object", body: `[]`, want: 400},
		{name: "disabled by the system", body: `{"status":"SYSTEM_DISABLED"}`, want: 400},
		{name: "not encrypted", body: `{"httpConfig":{"url":"http://r.example/"}}`, want: 400},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := newAPI(t, nil)
			var want map[string]any
			a.call(t, "POST", "/projects/p1/dataconnectors", wholeConnector).must(t, &want)
			path := "/" + want["name"].(string)
			answer := a.call(t, "PATCH", path+test.mask, test.body)
			if test.want != 0 {
				if answer.status != test.want {
					t.Errorf("%d %s, want %d", answer.status, answer.body, test.want)
				}
				return
			}
			for path, value := range test.changes {
				if inner, ok := strings.CutPrefix(path, "httpConfig."); ok {
					want["httpConfig"].(map[string]any)[inner] = value
				} else {
					want[path] = value
				}
			}
			var patched, got map[string]any
			answer.must(t, &patched)
			a.call(t, "GET", path, "").must(t, &got)
			if !reflect.DeepEqual(patched, want) || !reflect.DeepEqual(got, want) {
				t.Errorf("answered %v\nis %v\nwant %v", patched, got, want)
			}
		})
	}
}

// FuzzAPIPatch: whatever is sent, the connector stays one that could be made.
func FuzzAPIPatch(f *testing.F) {
	f.Add(`{"displayName":"x"}`, "")
	f.Add(`{"httpConfig":{"headers":{"a":"b"}}}`, "http_config.headers,status")
	f.Add(`{"httpConfig":null,"events":null}`, "events")
	f.Add(`[{"type":1}]`, ",,_,httpConfig.")
	cloud, err := dtcloud.New(dtcloud.Config{Seed: 1, APILimit: dtcloud.APILimit{PerSecond: math.Inf(1)}})
	if err != nil {
		f.Fatal(err)
	}
	project, err := cloud.AddProject(dtcloud.ProjectSpec{})
	if err != nil {
		f.Fatal(err)
	}
	c, err := cloud.AddConnector(project, dtcloud.Connector{HTTPConfig: dtcloud.HTTPConfig{URL: "https://r.example/"}})
	if err != nil {
		f.Fatal(err)
	}
	account, err := cloud.AddServiceAccount(dtcloud.ServiceAccountSpec{Roles: map[string]string{project: dtcloud.RoleDeveloper}, BasicAuth: true})
	if err != nil {
		f.Fatal(err)
	}
	handler := cloud.Handler()
	f.Fuzz(func(t *testing.T, body, mask string) {
		status := serve(t, handler, account, "PATCH", "/"+c.Name, body, mask)
		if status != 200 && status != 400 {
			t.Errorf("%d", status)
		}
		is, err := cloud.Connector(c.Name)
		if err != nil || is.Type != dtcloud.TypeHTTPPush || !strings.HasPrefix(is.HTTPConfig.URL, "http") {
			t.Errorf("%v %v", is, err)
		}
	})
}
