package azurefind_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/azure/azurefind"
	"github.com/dt-functions/dt-functions/azure/eventhubs"
	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/sink/find"
)

const hubURL = "azure-eventhubs://" + namespaceHost + "/events"

// What a hub is found by is Kafka's finder, with a conformance test of its own. Here is
// what is Azure's.
func TestHubURLs(t *testing.T) {
	tests := map[string]struct{ url, connection, want string }{
		"identity":          {hubURL, "", ""},
		"connection string": {hubURL, "Endpoint=sb://" + namespaceHost + "/;SharedAccessKeyName=listen;SharedAccessKey=marked", ""},
		"of another hub":    {hubURL, "Endpoint=sb://" + namespaceHost + "/;SharedAccessKeyName=listen;SharedAccessKey=marked;EntityPath=other", "EntityPath"},
		"no hub":            {"azure-eventhubs://" + namespaceHost + "/", "", "the sink's URL names no event hub"},
		"password":          {"azure-eventhubs://u:marked@" + namespaceHost + "/events", "", "credentials are not part of the URL"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f, err := azurefind.Drivers(azurefind.Config{EventHubs: eventhubs.Config{ConnectionString: secret.New(test.connection), Tokens: tokens{}}}).Open(test.url)
			if test.want == "" {
				if err != nil || f == nil {
					t.Fatal(err)
				}
				if err := f.Close(t.Context()); err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "marked") {
				t.Errorf("error %v, want %q in it", err, test.want)
			}
		})
	}
}

// A namespace that cannot be reached is no empty hub.
func TestHubUnreachable(t *testing.T) {
	f, err := azurefind.Drivers(azurefind.Config{EventHubs: eventhubs.Config{Tokens: tokens{}}}).Open("azure-eventhubs://absent.servicebus.invalid/events")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := f.Prepare(ctx); err == nil || errors.Is(err, find.ErrNotFound) || strings.Contains(err.Error(), "marked") {
		t.Errorf("got %v", err)
	}
	if err := f.Close(t.Context()); err != nil {
		t.Error(err)
	}
}
