package dtapi_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/dt-functions/dt-functions/shared/dtapi"
	"github.com/dt-functions/dt-functions/shared/secret"
)

// cloud stands for DT in the examples.
func cloud() *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/oauth2/token":
			_, _ = io.WriteString(w, `{"access_token":"opaque","token_type":"Bearer","expires_in":3600}`)
		case r.URL.Path == "/v2/projects/p/devices/d/events":
			_, _ = io.WriteString(w, `{"events":[{"eventId":"2","eventType":"touch"},{"eventId":"1","eventType":"touch"}],"nextPageToken":""}`)
		case r.URL.Path == "/v2/projects/p/dataconnectors/gone":
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, `{"error":"no such connector","code":404,"help":""}`)
		case r.Method == http.MethodPatch:
			fmt.Println("changed with", r.URL.RawQuery)
			_, _ = io.WriteString(w, `{"name":"projects/p/dataconnectors/c","status":"ACTIVE","type":"HTTP_PUSH","httpConfig":{"url":"https://customer.example/events","signatureSecret":"correct horse"}}`)
		default:
			_, _ = io.WriteString(w, `{"dataConnectors":[{"name":"projects/p/dataconnectors/c","status":"SYSTEM_DISABLED","type":"HTTP_PUSH"}]}`)
		}
	}))
}

// newClient returns a client of it.
func newClient(address string) *dtapi.Client {
	client, err := dtapi.New(dtapi.Config{
		URL: address + "/v2", TokenURL: address + "/oauth2/token",
		Credentials: dtapi.Credentials{KeyID: "key", Secret: secret.New("secret"), Email: "sa@p.serviceaccount.d21s.com"},
	})
	if err != nil {
		log.Fatal(err)
	}
	return client
}

// A connector that DT has disabled is enabled again.
func Example() {
	server := cloud()
	defer server.Close()
	client, ctx := newClient(server.URL), context.Background()
	for c, err := range client.Connectors(ctx, "projects/p") {
		if err != nil {
			log.Fatal(err)
		}
		if c.Status != dtapi.StatusSystemDisabled {
			continue
		}
		active := dtapi.StatusActive
		c, err := client.UpdateConnector(ctx, c.Name, dtapi.Change{Status: &active})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(c) // no secret in it
	}
	// Output:
	// changed with update_mask=status
	// {"name":"projects/p/dataconnectors/c","type":"HTTP_PUSH","status":"ACTIVE","httpConfig":{"url":"https://customer.example/events","signatureSecret":"[redacted]"}}
}

func ExampleClient_Events() {
	server := cloud()
	defer server.Close()
	client := newClient(server.URL)
	for page, err := range client.Events(context.Background(), dtapi.EventQuery{Device: "projects/p/devices/d"}) {
		if err != nil {
			log.Fatal(err)
		}
		for _, e := range page {
			fmt.Println(e.ID, e.Type)
		}
	}
	// Output:
	// 2 touch
	// 1 touch
}

func ExampleError() {
	server := cloud()
	defer server.Close()
	_, err := newClient(server.URL).Connector(context.Background(), "projects/p/dataconnectors/gone")
	fmt.Println(errors.Is(err, dtapi.ErrNotFound))
	fmt.Println(err)
	// Output:
	// true
	// dtapi: GET /projects/p/dataconnectors/gone: 404 Not Found: no such connector; check the name, and that the service account is a member of the project
}

func ExampleRedactURL() {
	fmt.Println(dtapi.RedactURL("https://customer.example/events?code=k3y"))
	// Output:
	// https://customer.example/events?code=[redacted]
}
