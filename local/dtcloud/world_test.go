package dtcloud_test

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/local/dtcloud"
	"github.com/dt-functions/dt-functions/shared/event"
)

var start = time.Date(2024, 5, 29, 8, 0, 0, 0, time.UTC)

// A receiver answers in the place of the network and keeps what came.
type receiver struct {
	answer func(request *http.Request, body []byte) int // nil: 200

	mu      sync.Mutex
	bodies  [][]byte
	headers []http.Header
}

func (r *receiver) RoundTrip(request *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	r.bodies = append(r.bodies, body)
	r.headers = append(r.headers, request.Header)
	r.mu.Unlock()
	status := http.StatusOK
	if r.answer != nil {
		status = r.answer(request, body)
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: http.NoBody, Request: request}, nil
}

func (r *receiver) received() [][]byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.bodies)
}

func (r *receiver) ids(t testing.TB) []string {
	t.Helper()
	var ids []string
	for _, body := range r.received() {
		ids = append(ids, decode(t, body).ID)
	}
	return ids
}

func decode(t testing.TB, body []byte) *event.Event {
	t.Helper()
	ev, err := event.Decode(body)
	if err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return ev
}

// A world is a cloud on a virtual clock, with a project, a connector, and an
// emulated device, which is silent.
type world struct {
	*dtcloud.Cloud
	clock     *dtcloud.VirtualClock
	receiver  *receiver
	project   string
	device    string
	connector string
}

func newWorld(t testing.TB, change func(*dtcloud.Config)) *world {
	t.Helper()
	w := &world{clock: dtcloud.NewVirtualClock(start), receiver: &receiver{}}
	config := dtcloud.Config{Clock: w.clock, Seed: 7, Transport: w.receiver}
	if change != nil {
		change(&config)
	}
	var err error
	if w.Cloud, err = dtcloud.New(config); err != nil {
		t.Fatal(err)
	}
	if w.project, err = w.AddProject(dtcloud.ProjectSpec{}); err != nil {
		t.Fatal(err)
	}
	w.device = w.addDevice(t, dtcloud.DeviceSpec{Type: event.DeviceTouch, Emulated: true})
	w.connector = w.addConnector(t, dtcloud.Connector{})
	return w
}

func (w *world) addDevice(t testing.TB, spec dtcloud.DeviceSpec) string {
	t.Helper()
	name, err := w.AddDevice(w.project, spec)
	if err != nil {
		t.Fatal(err)
	}
	return name
}

func (w *world) addConnector(t testing.TB, spec dtcloud.Connector) string {
	t.Helper()
	if spec.HTTPConfig.URL == "" {
		spec.HTTPConfig.URL = "https://receiver.example/events"
	}
	connector, err := w.AddConnector(w.project, spec)
	if err != nil {
		t.Fatal(err)
	}
	return connector.Name
}

// touch lets the device be touched n times.
func (w *world) touch(t testing.TB, n int) []string {
	t.Helper()
	var ids []string
	for range n {
		id, err := w.Publish(w.device, event.TypeTouch, []byte("{}"))
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	return ids
}

// begin runs the cloud; the function it returns ends that.
func (w *world) begin(t testing.TB) (end func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx) }()
	return func() {
		t.Helper()
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	}
}

// pass lets simulated time pass.
func (w *world) pass(t testing.TB, d time.Duration) {
	t.Helper()
	waiter := w.clock.NewWaiter()
	defer waiter.Stop()
	defer w.begin(t)()
	if err := waiter.Wait(t.Context(), w.clock.Now().Add(d)); err != nil {
		t.Fatal(err)
	}
}

// deliverAll runs the cloud until nothing is queued.
func (w *world) deliverAll(t testing.TB) {
	t.Helper()
	defer w.begin(t)()
	if err := w.WaitIdle(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// checkStats compares the counts of all connectors and holds the sum rule.
func (w *world) checkStats(t testing.TB, want dtcloud.Stats) {
	t.Helper()
	got := w.Stats()
	if got != want {
		t.Errorf("stats:\n got %v\nwant %v", got, want)
	}
	if got.Sent != got.Delivered+got.Expired+got.Lost+got.Pending {
		t.Errorf("the counts do not add up: %v", got)
	}
}

// status returns an answer that is always the same.
func status(code int) func(*http.Request, []byte) int {
	return func(*http.Request, []byte) int { return code }
}

// failing returns an answer that fails the first n times for each event.
func failing(n int) func(*http.Request, []byte) int {
	var mu sync.Mutex
	tries := make(map[string]int)
	return func(_ *http.Request, body []byte) int {
		mu.Lock()
		defer mu.Unlock()
		id := eventID(body)
		tries[id]++
		if tries[id] <= n {
			return http.StatusServiceUnavailable
		}
		return http.StatusOK
	}
}

// eventID cuts the id out of a body that may be corrupt elsewhere.
func eventID(body []byte) string {
	_, rest, _ := strings.Cut(string(body), `"eventId":"`)
	id, _, _ := strings.Cut(rest, `"`)
	return id
}
