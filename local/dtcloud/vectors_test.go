package dtcloud_test

import (
	"encoding/json"
	"os"
	"testing"
)

// vectors are samples of DT's REST API: testdata/rest_api.json.
type vectors struct {
	OAuth2 struct {
		KeyID              string `json:"key_id"`
		Secret             string `json:"secret"`
		Email              string `json:"email"`
		Clock              int64  `json:"clock"`
		RequestMethod      string `json:"request_method"`
		RequestURL         string `json:"request_url"`
		RequestContentType string `json:"request_content_type"`
		RequestBody        string `json:"request_body"`
	} `json:"oauth2"`
	BasicAuth struct{ Header string } `json:"basic_auth"`
	Roles     struct {
		Roles []struct {
			Name        string
			Permissions []string
		}
	}
	Projects     map[string]json.RawMessage
	Devices      map[string]json.RawMessage
	EventHistory map[string]json.RawMessage `json:"event_history_page"`
	BatchLabels  json.RawMessage            `json:"batch_label_response"`
	ErrorBody    json.RawMessage            `json:"error_body"`
	Emulator     struct {
		CreateRequest  json.RawMessage `json:"create_request"`
		CreateResponse json.RawMessage `json:"create_response"`
		PublishRequest json.RawMessage `json:"publish_request"`
		PublishTouch   json.RawMessage `json:"publish_touch"`
	}
}

// connectorVectors are samples of connectors: testdata/connectors.json.
type connectorVectors struct {
	Simple, Configured map[string]any
	ListResponse       struct {
		DataConnectors []map[string]any
	} `json:"list_response"`
	Metrics       json.RawMessage
	CreateRequest json.RawMessage `json:"create_request"`
	Minimal       json.RawMessage `json:"minimal_create_request"`
	Patches       []json.RawMessage
	Mask          string           `json:"update_mask_query_example"`
	OtherTypes    []map[string]any `json:"other_types"`
}

func readVectors(t testing.TB) (v vectors) {
	t.Helper()
	readJSON(t, "testdata/rest_api.json", &v)
	return v
}

func readConnectorVectors(t testing.TB) (v connectorVectors) {
	t.Helper()
	readJSON(t, "testdata/connectors.json", &v)
	return v
}

func readJSON(t testing.TB, file string, v any) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, v); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}
