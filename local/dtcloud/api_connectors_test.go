package dtcloud_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

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

// DT's samples of connectors: what is created is what is shown.
func TestAPIConnectorVectors(t *testing.T) {
	v := readConnectorVectors(t)
	a := newAPI(t, nil)
	create := func(body any) (got map[string]any) {
		t.Helper()
		text, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		a.call(t, "POST", "/projects/p1/dataconnectors", string(text)).must(t, &got)
		return got
	}
	bodies := append([]map[string]any{v.Simple, v.Configured}, v.ListResponse.DataConnectors...)
	for _, want := range append(bodies, v.OtherTypes...) {
		got := create(want)
		var listed map[string]any
		a.call(t, "GET", "/"+got["name"].(string), "").must(t, &listed)
		for member, value := range want {
			if member != "name" && (!reflect.DeepEqual(got[member], value) || !reflect.DeepEqual(listed[member], value)) {
				t.Errorf("%s: created %v, got %v, want %v", member, got[member], listed[member], value)
			}
		}
	}
	create(v.CreateRequest)
	if got := create(v.Minimal); shapeOf(got) != shapeOf(v.Simple, "labels") {
		t.Errorf("%s, want %s", shapeOf(got), shapeOf(v.Simple, "labels"))
	}
	// That was the tenth.
	if got := a.call(t, "POST", "/projects/p1/dataconnectors", string(v.Minimal)); got.status != 400 || !strings.Contains(got.body, "10 connectors") {
		t.Errorf("the eleventh: %d %s", got.status, got.body)
	}
	var list map[string]any
	a.call(t, "GET", "/projects/p1/dataconnectors", "").must(t, &list)
	if len(list["dataConnectors"].([]any)) != 10 || list["nextPageToken"] != "" {
		t.Errorf("%v", list)
	}
	name := list["dataConnectors"].([]any)[0].(map[string]any)["name"].(string)
	var metrics, wantMetrics any
	a.call(t, "GET", "/"+name+":metrics", "").must(t, &metrics)
	if err := json.Unmarshal(v.Metrics, &wantMetrics); err != nil {
		t.Fatal(err)
	}
	if shapeOf(metrics) != shapeOf(wantMetrics) {
		t.Errorf("metrics %v, want as in %v", metrics, wantMetrics)
	}
	for _, body := range v.Patches {
		if got := a.call(t, "PATCH", "/"+name, string(body)); got.status != 200 {
			t.Errorf("%s: %d %s", body, got.status, got.body)
		}
	}
	text, err := json.Marshal(v.Configured)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	a.call(t, "PATCH", "/"+name+"?"+v.Mask, string(text)).must(t, &got)
	want := v.Configured
	want["name"] = name
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// shapeOf tells the members and kinds of a value; arrays named in open are of
// whatever.
func shapeOf(v any, open ...string) string {
	switch v := v.(type) {
	case map[string]any:
		var parts []string
		for _, key := range slices.Sorted(maps.Keys(v)) {
			shape := shapeOf(v[key])
			if slices.Contains(open, key) {
				shape = "[]"
			}
			parts = append(parts, key+":"+shape)
		}
		return "{" + strings.Join(parts, " ") + "}"
	case []any:
		if len(v) == 0 {
			return "[]"
		}
		return "[" + shapeOf(v[0]) + "]"
	}
	return fmt.Sprintf("%T", v)
}

// The API's connectors are those of the methods: what it makes delivers, and :sync
// sends the newest of each type once more.
func TestAPISync(t *testing.T) {
	receiver := &receiver{}
	a := newAPI(t, func(c *dtcloud.Config) { c.Transport = receiver })
	var c struct{ Name string }
	a.call(t, "POST", "/projects/p1/dataconnectors", `{"type":"HTTP_PUSH","httpConfig":{"url":"https://r.example/"}}`).must(t, &c)
	var d struct{ Name string }
	a.call(t, "POST", "/projects/p1/devices", `{"type":"touch"}`).must(t, &d)
	for range 3 {
		a.call(t, "POST", "/"+d.Name+":publish", `{"touch":{}}`).must(t, new(any))
	}
	a.call(t, "POST", "/"+d.Name+":publish", `{"batteryStatus":{"percentage":90}}`).must(t, new(any))
	a.call(t, "POST", "/"+c.Name+":sync", "").must(t, new(any))
	pass(t, a.Cloud, time.Minute)
	count := make(map[string]int)
	for _, body := range receiver.received() {
		count[decode(t, body).Type]++
	}
	if count["touch"] != 4 || count["batteryStatus"] != 2 {
		t.Errorf("%v", count)
	}
	var metrics struct {
		Metrics struct{ SuccessCount, ErrorCount int }
	}
	a.call(t, "GET", "/"+c.Name+":metrics", "").must(t, &metrics)
	if metrics.Metrics.SuccessCount != 6 || metrics.Metrics.ErrorCount != 0 {
		t.Errorf("%+v", metrics)
	}
}
