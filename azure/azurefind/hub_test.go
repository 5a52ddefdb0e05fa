package azurefind_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/azure/azurefind"
	"github.com/dt-functions/dt-functions/azure/eventhubs"
	"github.com/dt-functions/dt-functions/azure/servicebus"
	"github.com/dt-functions/dt-functions/azure/storage"
	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/sink/find"
	"github.com/dt-functions/dt-functions/shared/sink/kafka/kafkafind"
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

// Who may not read a hub is told the role, not what is in a URL of Kafka's.
func TestHubRefused(t *testing.T) {
	err := azurefind.ExplainHub(fmt.Errorf("%w: see the user, the password and sasl= in the sink's URL", kafkafind.ErrRefused))
	if !errors.Is(err, kafkafind.ErrRefused) || !strings.Contains(err.Error(), "Azure Event Hubs Data Receiver") || strings.Contains(err.Error(), "sasl") {
		t.Errorf("got %v", err)
	}
	for _, other := range []error{nil, find.ErrNotFound, errors.New("other")} {
		if got := azurefind.ExplainHub(other); got != other {
			t.Errorf("%v became %v", other, got)
		}
	}
}

// No URL brings a password into an error.
func FuzzURL(f *testing.F) {
	for _, text := range []string{queueURL, hubURL, "azure-servicebus://" + namespaceHost + "/queue?session=device", "azure-queue://u:marked-password@account.queue.core.windows.net/x", "azure-eventhubs://%zz"} {
		f.Add(text)
	}
	d := azurefind.Drivers(azurefind.Config{
		Storage: storage.Config{Tokens: tokens{}, Client: http.DefaultClient}, ServiceBus: servicebus.Config{Tokens: tokens{}, Client: http.DefaultClient},
		EventHubs: eventhubs.Config{Tokens: tokens{}},
	})
	f.Fuzz(func(t *testing.T, text string) {
		u, err := url.Parse(text)
		if err != nil || d[u.Scheme] == nil {
			return
		}
		finder, err := d[u.Scheme](u)
		if (finder == nil) != (err != nil) {
			t.Errorf("finder %v, error %v", finder, err)
		}
		if password, _ := u.User.Password(); err != nil && len(password) > 12 && strings.Contains(err.Error(), password) {
			t.Errorf("the error shows the password: %v", err)
		}
	})
}
