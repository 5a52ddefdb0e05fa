package dtapi_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/shared/dtapi"
	"github.com/dt-functions/dt-functions/shared/secret"
)

func TestUpdateConnector(t *testing.T) {
	var patches []json.RawMessage
	all := vectors(t, "connectors.json")
	if err := json.Unmarshal(all["patches"], &patches); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		change     dtapi.Change
		body, mask string
	}{
		{dtapi.Change{Status: new(dtapi.StatusUserDisabled)}, string(patches[0]), "status"},
		{dtapi.Change{Status: new(dtapi.StatusActive)}, string(patches[1]), "status"},
		{dtapi.Change{Events: &[]string{"temperature", "humidity"}}, string(patches[2]), "events"},
		{dtapi.Change{Labels: &[]string{"name", "floor"}}, string(patches[3]), "labels"},
		{dtapi.Change{Headers: &map[string]secret.Text{"my-header": secret.New("my-value")}}, string(patches[4]), "httpConfig.headers"},
		{dtapi.Change{SignatureSecret: new(secret.New("some-good-secret"))}, string(patches[5]), "httpConfig.signatureSecret"},
		// What is emptied is there, and empty.
		{dtapi.Change{DisplayName: new("")}, `{"displayName":""}`, "displayName"},
		{dtapi.Change{Events: &[]string{}}, `{"events":[]}`, "events"},
		{dtapi.Change{Events: new([]string)}, `{"events":[]}`, "events"},
		{dtapi.Change{Labels: new([]string)}, `{"labels":[]}`, "labels"},
		{dtapi.Change{Headers: new(map[string]secret.Text)}, `{"httpConfig":{"headers":{}}}`, "httpConfig.headers"},
		{dtapi.Change{SignatureSecret: new(secret.Text)}, `{"httpConfig":{"signatureSecret":""}}`, "httpConfig.signatureSecret"},
		{dtapi.Change{
			DisplayName: new("d"), Status: new(dtapi.StatusActive), Events: &[]string{"touch"}, Labels: &[]string{"l"},
			URL: new("https://u.example/?a=1&b=2"), SignatureSecret: new(secret.New("s3cr3t")), Headers: &map[string]secret.Text{"h": secret.New("v"), "empty": {}},
		}, `{"displayName":"d","status":"ACTIVE","events":["touch"],"labels":["l"],"httpConfig":{"url":"https://u.example/?a=1&b=2","signatureSecret":"s3cr3t","headers":{"h":"v","empty":""}}}`,
			"displayName,status,events,labels,httpConfig.url,httpConfig.signatureSecret,httpConfig.headers"},
	} {
		w := &world{api: always(string(all["configured"]))}
		got, err := w.client(t).UpdateConnector(t.Context(), connector, test.change)
		if err != nil || got.DisplayName != "my-new-dcon" {
			t.Fatalf("%s: %v, %v", test.mask, got, err)
		}
		r := w.seen()[0]
		if r.Method != "PATCH" || r.Path != "/"+string(connector) || !reflect.DeepEqual(r.Query, map[string][]string{"update_mask": {test.mask}}) {
			t.Errorf("%s: sent %s %s %v", test.mask, r.Method, r.Path, r.Query)
		}
		if !sameJSON(t, []byte(r.Body), []byte(test.body)) {
			t.Errorf("sent %s, want %s", r.Body, test.body)
		}
		if paths := strings.Join(test.change.Paths(), ","); paths != test.mask || test.change.IsZero() {
			t.Errorf("paths %s, want %s", paths, test.mask)
		}
	}
	w := &world{}
	if _, err := w.client(t).UpdateConnector(t.Context(), connector, dtapi.Change{}); !errors.Is(err, dtapi.ErrInvalid) || !strings.Contains(err.Error(), string(connector)) {
		t.Errorf("an empty change: %v", err)
	}
	if !(dtapi.Change{}).IsZero() || len(w.seen()) != 0 {
		t.Errorf("an empty change makes %d requests", len(w.seen()))
	}
}
