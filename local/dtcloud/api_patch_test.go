package dtcloud_test

import (
	"encoding/json"
	"math"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/local/dtcloud"
)

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
		{name: "an object in a text's place", body: `{"status":{}}`, want: 400},
		{name: "a secret that is an object", body: `{"httpConfig":{"signatureSecret":{}}}`, want: 400},
		{name: "a configuration that is a text", body: `{"httpConfig":"https://n.example/"}`, want: 400},
		{name: "a configuration that is a text, in a mask", mask: "?update_mask=httpConfig.url", body: `{"httpConfig":"https://n.example/"}`, want: 400},
		{name: "another type's configuration", body: `{"awsSqsConfig":{"queueUrl":"u"}}`, want: 400},
		{name: "another type's configuration in a mask", mask: "?update_mask=pubsub_config.topic", body: `{"pubsubConfig":{"topic":"t"}}`, want: 400},
		{name: "nothing of another type's configuration", body: `{"awsSqsConfig":{},"pubsubConfig":{"topic":null}}`},
		{name: "two masks", mask: "?update_mask=display_name&updateMask=labels", body: `{"displayName":"n","labels":["a"],"events":[]}`,
			changes: map[string]any{"displayName": "n", "labels": []any{"a"}}},
		{name: "null in a mask", mask: "?update_mask=events", body: `{"events":null}`, changes: map[string]any{"events": []any{}}},
		{name: "the name, which is read only", body: `{"name":"projects/p1/dataconnectors/other"}`},
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

// Connectors that deliver elsewhere change in the same way, below their own member.
func TestAPIPatchOtherTypes(t *testing.T) {
	const config = `{"url":"sb://x","authenticationConfig":{"tenantId":"t","clientId":"c"},"brokerProperties":{"correlationId":"x"}}`
	for _, test := range []struct{ name, mask, body, want string }{
		{name: "a leaf without a mask", body: `{"httpConfig":null,"azureServiceBusConfig":{"authenticationConfig":{"tenantId":"n","clientId":null}}}`,
			want: strings.Replace(config, `"t"`, `"n"`, 1)},
		{name: "a leaf in a mask", mask: "azure_service_bus_config.authentication_config.tenant_id", body: `{"azureServiceBusConfig":{"url":"ignored","authenticationConfig":{"tenantId":"n"}}}`,
			want: strings.Replace(config, `"t"`, `"n"`, 1)},
		{name: "a leaf below null", mask: "azureServiceBusConfig.extra.id", body: `{"azureServiceBusConfig":{"extra":{"id":"i"}}}`,
			want: config[:len(config)-1] + `,"extra":{"id":"i"}}`},
		{name: "emptied", mask: "azureServiceBusConfig.brokerProperties", body: `{}`,
			want: strings.Replace(config, `,"brokerProperties":{"correlationId":"x"}`, "", 1)},
		{name: "the whole", mask: "azureServiceBusConfig", body: `{"azureServiceBusConfig":{"url":"sb://y"}}`, want: `{"url":"sb://y"}`},
		{name: "nothing in the whole's place", mask: "azureServiceBusConfig", body: `{}`},
		{name: "another type's", body: `{"awsSqsConfig":{"queueUrl":"u"}}`},
		{name: "that of HTTP", body: `{"httpConfig":{"url":"https://n.example/"}}`},
		{name: "below a text", mask: "azureServiceBusConfig.url.host", body: `{"azureServiceBusConfig":{"url":{"host":"h"}}}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := newAPI(t, nil)
			var c struct{ Name string }
			a.call(t, "POST", "/projects/p1/dataconnectors", `{"type":"AZURE_SERVICE_BUS","azureServiceBusConfig":`+strings.TrimSuffix(config, "}")+`,"extra":null}}`).must(t, &c)
			path := "/" + c.Name
			if test.mask != "" {
				path += "?update_mask=" + test.mask
			}
			answer := a.call(t, "PATCH", path, test.body)
			want := test.want
			if want == "" {
				if answer.status != 400 {
					t.Errorf("%d %s, want 400", answer.status, answer.body)
				}
				want = config
			}
			var got, wanted struct{ AzureServiceBusConfig map[string]any }
			a.call(t, "GET", "/"+c.Name, "").must(t, &got)
			if extra, there := got.AzureServiceBusConfig["extra"]; there && extra == nil {
				delete(got.AzureServiceBusConfig, "extra")
			}
			if err := json.Unmarshal([]byte(`{"azureServiceBusConfig":`+want+`}`), &wanted); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, wanted) {
				t.Errorf("%v, want %v", got, wanted)
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
	f.Add(`{"awsSqsConfig":{"queueUrl":"u","a":{"b":{"c":{"d":1}}}}}`, "")
	f.Add(`{"awsSqsConfig":{"a":{"b":1}}}`, "aws_sqs_config.a.b,awsSqsConfig.queueUrl.x,awsSqsConfig")
	f.Add(`{"awsSqsConfig":null}`, "awsSqsConfig.a,.,..,awsSqsConfig.")
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
	sqs, err := cloud.AddConnector(project, dtcloud.Connector{Type: "AWS_SQS", OtherConfig: []byte(`{"queueUrl":"q","audience":null}`)})
	if err != nil {
		f.Fatal(err)
	}
	handler := cloud.Handler()
	f.Fuzz(func(t *testing.T, body, mask string) {
		for _, name := range []string{c.Name, sqs.Name} {
			if status := serve(t, handler, account, "PATCH", "/"+name, body, url.Values{"update_mask": {mask}}); status != 200 && status != 400 {
				t.Errorf("%s: %d", name, status)
			}
		}
		if is, err := cloud.Connector(c.Name); err != nil || is.Type != dtcloud.TypeHTTPPush || !strings.HasPrefix(is.HTTPConfig.URL, "http") {
			t.Errorf("%v %v", is, err)
		}
		var config map[string]json.RawMessage
		is, err := cloud.Connector(sqs.Name)
		if err != nil || is.Type != "AWS_SQS" || json.Unmarshal(is.OtherConfig, &config) != nil || config == nil {
			t.Errorf("%v %s %v", is, is.OtherConfig, err)
		}
	})
}
