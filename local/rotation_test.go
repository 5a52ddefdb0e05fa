package local_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/functions/configure"
	"github.com/dt-functions/dt-functions/functions/receive"
	"github.com/dt-functions/dt-functions/functions/receive/receivehttp"
	"github.com/dt-functions/dt-functions/local/dtcloud"
	"github.com/dt-functions/dt-functions/local/dtcloud/dtcloudtest"
	"github.com/dt-functions/dt-functions/local/store"
	"github.com/dt-functions/dt-functions/shared/dtapi"
	"github.com/dt-functions/dt-functions/shared/event"
	"github.com/dt-functions/dt-functions/shared/handling"
	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/signature"
	"github.com/dt-functions/dt-functions/shared/telemetry"
)

const (
	rotationRate   = 200 // events a second
	rotationEvents = 4 * rotationRate
	rotations      = 3
)

// The secret is changed again and again while 200 events a second come: by the steps
// of docs/operations.md no event is refused.
func TestSecretRotationUnderLoad(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	events, err := store.Open(ctx, filepath.Join(t.TempDir(), "events.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer events.Close()

	// What the receiver accepts: the secret and the one before.
	var accepted atomic.Pointer[[][]byte]
	accept := func(secrets ...string) {
		var list [][]byte
		for _, s := range secrets {
			list = append(list, []byte(s))
		}
		accepted.Store(&list)
	}
	current := "the-first-secret-of-the-rotation"
	accept(current)
	verifier, err := signature.NewVerifier(signature.Config{Secrets: func() [][]byte { return *accepted.Load() }})
	if err != nil {
		t.Fatal(err)
	}
	counters := &telemetry.Counters{}
	f, err := receive.New(receive.Config{Verifier: verifier, Handler: handling.Handler{Sink: events}, Observer: counters})
	if err != nil {
		t.Fatal(err)
	}
	receiver := httptest.NewServer(receivehttp.NewHandler(f))
	defer receiver.Close()

	var refused, acknowledged atomic.Int64
	w := dtcloudtest.New(t, func(c *dtcloud.Config) {
		c.Clock = nil // real time
		c.Observe = func(a dtcloud.Attempt) {
			if a.Status == http.StatusUnauthorized {
				refused.Add(1)
			}
			if a.Acknowledged {
				acknowledged.Add(1)
			}
		}
	})
	name := w.Connector(t, dtcloud.Connector{HTTPConfig: dtcloud.HTTPConfig{URL: receiver.URL, SignatureSecret: current}})
	device := w.Device(t, dtcloud.DeviceSpec{Type: event.DeviceTouch})
	running, stop := context.WithCancel(ctx)
	ran := make(chan error, 1)
	go func() { ran <- w.Run(running) }()
	w.StopSensors()

	emitted := make(chan time.Duration, 1)
	go func() {
		start := time.Now()
		tick := time.NewTicker(time.Second / rotationRate)
		defer tick.Stop()
		for range rotationEvents {
			<-tick.C
			if _, err := w.Inject(dtcloud.Event{Device: device, Type: event.TypeTouch, Data: []byte(`{"touch":{}}`)}); err != nil {
				t.Error(err)
			}
		}
		emitted <- time.Since(start)
	}()
	client := w.Client(t, nil)
	for i := range rotations {
		// In the midst of what is sent, not before or after.
		waitFor(ctx, t, func() bool { return acknowledged.Load() > int64((i+1)*rotationEvents/(rotations+2)) })
		next := fmt.Sprint("another-secret-of-the-rotation-", i)
		accept(next, current) // 1
		wanted := secret.New(next)
		function, err := configure.New(configure.Config{ // 2
			Client: client, Connectors: []dtapi.ConnectorName{name},
			Wanted: map[dtapi.ConnectorName]dtapi.Change{name: {SignatureSecret: &wanted}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if report, err := function.Run(ctx); err != nil || !report.Connectors[0].Changed {
			t.Fatalf("%v, %+v", err, report)
		}
		current = next
	}
	took := <-emitted
	if err := w.WaitIdle(ctx); err != nil {
		t.Fatal(err)
	}
	accept(current) // 3
	stop()
	if err := <-ran; err != nil {
		t.Fatal(err)
	}
	stored, err := events.Count(ctx)
	if err != nil {
		t.Fatal(err)
	}
	previous := counters.Snapshot().PreviousSecret
	fmt.Printf("secret rotation: %d events in %v, %d changes of the secret, %d refused, %d verified by the previous secret, %d stored\n",
		rotationEvents, took.Round(time.Millisecond), rotations, refused.Load(), previous, stored)
	if refused.Load() != 0 || stored != rotationEvents {
		t.Errorf("%d refused, %d stored of %d", refused.Load(), stored, rotationEvents)
	}
}

// waitFor returns when condition holds, which it looks at every millisecond.
func waitFor(ctx context.Context, t *testing.T, condition func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !condition() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatal(ctx.Err())
		}
	}
}
