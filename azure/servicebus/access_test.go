package servicebus_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dt-functions/dt-functions/azure/servicebus"
	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/secret/secrettest"
)

// The signature lasts an hour and is made anew before that.
func TestSharedAccess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen []string
		c := servicebus.Config{ConnectionString: secret.New(connection), Client: &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
			seen = append(seen, r.Header.Get("Authorization"))
			return &http.Response{StatusCode: 201, Body: io.NopCloser(strings.NewReader("")), Request: r}, nil
		})}}
		s, err := servicebus.Opener(c)(t.Context(), &url.URL{Scheme: servicebus.Scheme, Host: host, Path: "/events"})
		if err != nil {
			t.Fatal(err)
		}
		for _, wait := range []time.Duration{0, 29 * time.Minute, 2 * time.Minute} {
			<-time.After(wait)
			publish(t, s, event("a"))
		}
		if seen[0] != seen[1] || seen[1] == seen[2] {
			t.Errorf("%q", seen)
		}
		// Made by hand with the documented steps, for the bubble's clock: 2000-01-01.
		const want = "SharedAccessSignature sr=https%3A%2F%2Fns.servicebus.windows.net%2Fevents&sig="
		if !strings.HasPrefix(seen[0], want) || !strings.HasSuffix(seen[0], "&se=946688400&skn=send") {
			t.Errorf("%q", seen[0])
		}
	})
}

func TestBadConfiguration(t *testing.T) {
	tests := map[string]struct{ url, connection, want string }{
		"no entity":       {"azure-servicebus://" + host, "", "names no queue or topic"},
		"entity":          {"azure-servicebus://" + host + "/a%20b", "", "names no queue or topic"},
		"no namespace":    {"azure-servicebus:///events", "", "names no namespace"},
		"other host":      {"azure-servicebus://example.com/events", "", "names no namespace"},
		"password":        {"azure-servicebus://a:marked-key@" + host + "/events", "", "credentials are not part"},
		"unknown option":  {address + "?ttl=marked-key", "", "session=device or partition=device"},
		"wrong option":    {address + "?session=marked-key", "", "session=device or partition=device"},
		"other namespace": {address, "Endpoint=sb://b.servicebus.windows.net/;SharedAccessKeyName=n;SharedAccessKey=marked-key", "of another"},
		"other entity":    {address, connection + ";EntityPath=other", "EntityPath"},
		"no key":          {address, "Endpoint=sb://" + host + "/", "no SharedAccessKey"},
		"no endpoint":     {address, "SharedAccessKeyName=n;SharedAccessKey=marked-key", "no Endpoint"},
		"endpoint":        {address, "Endpoint=marked-key", "an Endpoint that is not"},
		"not resolved":    {address, "@Microsoft.KeyVault(SecretUri=https://marked-key/)", "has not resolved"},
		"no pairs":        {address, "marked-key", "not Name=value"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := open(t, nil, test.url, test.connection)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("error %v, want %q in it", err, test.want)
			}
			if test.connection != "" && !strings.Contains(err.Error(), servicebus.Variable) {
				t.Errorf("error %v does not name the variable", err)
			}
			secrettest.CheckHidden(t, "the error", err.Error(), "marked-key")
		})
	}
	if _, err := open(t, nil, address, connection+";EntityPath=events"); err != nil {
		t.Errorf("the key of the entity itself: %v", err)
	}
}
