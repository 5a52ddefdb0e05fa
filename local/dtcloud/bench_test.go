package dtcloud_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/dt-functions/dt-functions/local/dtcloud"
	"github.com/dt-functions/dt-functions/shared/event"
)

// newServer returns the address of a receiver on this machine.
func newServer(t testing.TB, answer func(body []byte, request *http.Request) int) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body, err := io.ReadAll(request.Body)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		w.WriteHeader(answer(body, request))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// BenchmarkDelivery delivers events over loopback HTTP, signed in both ways, to a
// receiver that does nothing; one operation is a thousand of them.
func BenchmarkDelivery(b *testing.B) {
	for _, bench := range []struct {
		name, secret string
		asymmetric   bool
	}{{"unsigned", "", false}, {"symmetric", "s3cret", false}, {"both", "s3cret", true}} {
		b.Run(bench.name, func(b *testing.B) {
			config := dtcloud.Config{}
			if bench.asymmetric {
				config.BaseURL = "http://localhost"
			}
			w := newWorld(b, func(c *dtcloud.Config) { *c = config })
			if err := w.SetStatus(w.connector, dtcloud.StatusUserDisabled); err != nil {
				b.Fatal(err)
			}
			w.addConnector(b, dtcloud.Connector{HTTPConfig: dtcloud.HTTPConfig{
				URL:             newServer(b, func([]byte, *http.Request) int { return http.StatusOK }),
				SignatureSecret: bench.secret,
			}})
			end := w.begin(b)
			b.ReportAllocs()
			const batch = 1000
			for b.Loop() {
				for range batch {
					if _, err := w.Publish(w.device, event.TypeTouch, []byte(`{}`)); err != nil {
						b.Fatal(err)
					}
				}
				if err := w.WaitIdle(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(batch*float64(b.N)/b.Elapsed().Seconds(), "events/s")
			end()
			if s := w.Stats(); s.Delivered != int64(batch*b.N) {
				b.Fatalf("%d events were published: %v", batch*b.N, s)
			}
		})
	}
}

// BenchmarkSensors emits the events of the demo, to nobody; one operation is one
// simulated hour.
func BenchmarkSensors(b *testing.B) {
	w := newWorld(b, nil)
	if err := w.SetStatus(w.connector, dtcloud.StatusUserDisabled); err != nil {
		b.Fatal(err)
	}
	if _, err := dtcloud.Demo(w.Cloud); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	waiter := w.clock.NewWaiter()
	defer waiter.Stop()
	defer w.begin(b)()
	for b.Loop() {
		if err := waiter.Wait(b.Context(), w.clock.Now().Add(3600e9)); err != nil {
			b.Fatal(err)
		}
	}
}
