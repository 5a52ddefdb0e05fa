package local_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/functions/receive"
	"github.com/dt-functions/dt-functions/functions/receive/receivehttp"
	"github.com/dt-functions/dt-functions/functions/recover"
	"github.com/dt-functions/dt-functions/local/dtcloud"
	"github.com/dt-functions/dt-functions/local/store"
	"github.com/dt-functions/dt-functions/shared/dtapi"
	"github.com/dt-functions/dt-functions/shared/event"
	"github.com/dt-functions/dt-functions/shared/handling"
	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/signature"
)

const (
	storyOutage = 6 * 24 * time.Hour
	storyKills  = 10
	storySecret = "the-secret-of-the-story"
	// storyMemory is what recover may use at most, in KiB.
	storyMemory = 64 << 10
)

// storySize is how many devices there are, and how many events they emit at least in
// the outage. The race detector makes everything so slow that it gets fewer; make
// faults runs without it.
func storySize() (devices, events int) {
	if raceDetector {
		return 25, 30_000
	}
	return 160, 200_000
}

// An outage is what happened: a customer's endpoint was down for six days, and the
// connector is disabled.
type outage struct {
	cloud     *dtcloud.Cloud
	api       *httptest.Server
	history   atomic.Int64  // requests for event history that the API has answered
	answered  chan struct{} // has something in it after each of them
	account   dtcloud.ServiceAccount
	connector string
	began     time.Time
	up        atomic.Bool
	store     *store.Store
	path      string // of the store, and of the checkpoints
}

// RoundTrip is the way from the cloud to the endpoint: straight to its handler, as
// long as it is up.
func (o *outage) RoundTrip(r *http.Request) (*http.Response, error) {
	if !o.up.Load() {
		_, _ = io.Copy(io.Discard, r.Body)
		return &http.Response{StatusCode: http.StatusBadGateway, Body: http.NoBody, Request: r}, nil
	}
	answer := httptest.NewRecorder()
	o.endpoint().ServeHTTP(answer, r)
	return answer.Result(), nil
}

func (o *outage) endpoint() http.Handler {
	verifier, err := signature.NewVerifier(signature.Config{Secrets: signature.StaticSecrets(storySecret), Now: o.cloud.Clock().Now})
	if err != nil {
		panic(err)
	}
	f, err := receive.New(receive.Config{Verifier: verifier, Handler: handling.Handler{Sink: o.store}})
	if err != nil {
		panic(err)
	}
	return receivehttp.NewHandler(f)
}

// newOutage lets the simulated time pass: an hour in which all is well and recover
// runs once, and six days in which the endpoint is down.
func newOutage(t *testing.T) *outage {
	t.Helper()
	o := &outage{path: filepath.Join(t.TempDir(), "events.db"), answered: make(chan struct{}, 1)}
	var err error
	if o.store, err = store.Open(t.Context(), o.path); err != nil {
		t.Fatal(err)
	}
	o.up.Store(true)
	o.cloud, err = dtcloud.New(dtcloud.Config{
		Clock: dtcloud.NewVirtualClock(time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC)), Seed: 20261101,
		Transport: o, Concurrency: 64,
		APILimit: dtcloud.APILimit{PerSecond: math.Inf(1)}, // its clock stands still meanwhile
		// Few attempts an event, so that the test takes seconds.
		Retry: dtcloud.Backoff{First: time.Hour, Max: 6 * time.Hour},
	})
	if err != nil {
		t.Fatal(err)
	}
	project, err := o.cloud.AddProject(dtcloud.ProjectSpec{})
	if err != nil {
		t.Fatal(err)
	}
	devices, _ := storySize()
	for i := range devices {
		types := []string{event.DeviceTemperature, event.DeviceHumidity, event.DeviceCO2}
		if _, err := o.cloud.AddDevice(project, dtcloud.DeviceSpec{Type: types[i%len(types)], Labels: map[string]string{"name": fmt.Sprint("sensor ", i)}}); err != nil {
			t.Fatal(err)
		}
	}
	c, err := o.cloud.AddConnector(project, dtcloud.Connector{
		Labels: []string{"name"}, HTTPConfig: dtcloud.HTTPConfig{URL: "https://endpoint.example/", SignatureSecret: storySecret},
	})
	if err != nil {
		t.Fatal(err)
	}
	o.connector = c.Name
	if o.account, err = o.cloud.AddServiceAccount(dtcloud.ServiceAccountSpec{Roles: map[string]string{project: dtcloud.RoleDeveloper}}); err != nil {
		t.Fatal(err)
	}
	handler := o.cloud.Handler()
	o.api = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler.ServeHTTP(w, r)
		if strings.HasSuffix(r.URL.Path, "/events") {
			o.history.Add(1)
			select {
			case o.answered <- struct{}{}:
			default:
			}
		}
	}))
	t.Cleanup(o.api.Close)

	o.pass(t, time.Hour)
	if report := o.recover(t, recoverOptions{}); report.Connectors[0].Checkpoint.IsZero() || report.Connectors[0].Enabled {
		t.Fatalf("a connector that is well: %+v", report)
	}
	o.began = o.cloud.Clock().Now()
	o.up.Store(false)
	o.pass(t, storyOutage)
	if c, err := o.cloud.Connector(o.connector); err != nil || c.Status != dtcloud.StatusSystemDisabled {
		t.Fatalf("after six days the connector is %q (%v)", c.Status, err)
	}
	o.up.Store(true)
	return o
}

// pass lets simulated time pass.
func (o *outage) pass(t *testing.T, d time.Duration) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	clock := o.cloud.Clock()
	waiter := clock.NewWaiter()
	ran := make(chan error, 1)
	go func() { ran <- o.cloud.Run(ctx) }()
	err := waiter.Wait(ctx, clock.Now().Add(d))
	waiter.Stop()
	stop()
	if err := <-ran; err != nil {
		t.Fatal(err)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// recoverOptions are how a run of recover is to be.
type recoverOptions struct {
	store string  // the store's path, "" for the outage's
	rate  float64 // requests a second; 0 for no limit
	kill  func(context.Context)
}

// A recoverJob is what the process that recovers is told.
type recoverJob struct {
	API, Token, KeyID, Secret, Email string
	Connector, Store                 string
	Now                              time.Time
	Rate                             float64
}

// A recoverResult is what it tells.
type recoverResult struct {
	recover.Report
	Took   time.Duration
	Memory int64 // KiB, at its highest
}

// recover runs recover as a process, and again for as long as kill has it killed.
func (o *outage) recover(t *testing.T, options recoverOptions) recoverResult {
	t.Helper()
	job, err := json.Marshal(recoverJob{
		API: o.api.URL + "/v2", Token: o.api.URL + "/oauth2/token",
		KeyID: o.account.KeyID, Secret: o.account.Secret.Reveal(), Email: o.account.Email,
		Connector: o.connector, Store: cmp.Or(options.store, o.path), Now: o.cloud.Clock().Now(), Rate: options.rate,
	})
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program)
	cmd.Env = append(os.Environ(), recoverJobVariable+"="+string(job))
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, os.Stderr
	if options.kill != nil {
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		options.kill(ctx)
		kill(t, cmd)
		return recoverResult{}
	}
	if err := cmd.Run(); err != nil {
		t.Fatalf("recover: %v: %s", err, out.String())
	}
	var result recoverResult
	if err := json.Unmarshal(out.Bytes(), &result); err != nil {
		t.Fatal(err)
	}
	return result
}

// runRecover is the process that recovers.
func runRecover(ctx context.Context, text string) error {
	var job recoverJob
	if err := json.Unmarshal([]byte(text), &job); err != nil {
		return err
	}
	u := &url.URL{Scheme: store.Scheme, Path: job.Store}
	events, err := store.OpenSink(ctx, u)
	if err != nil {
		return err
	}
	defer events.Close()
	checkpoints, err := store.OpenCheckpoint(ctx, u)
	if err != nil {
		return err
	}
	defer checkpoints.Close()
	if job.Rate == 0 {
		job.Rate = math.Inf(1)
	}
	now := func() time.Time { return job.Now }
	client, err := dtapi.New(dtapi.Config{
		URL: job.API, TokenURL: job.Token, Rate: job.Rate, Now: now,
		Credentials: dtapi.Credentials{KeyID: job.KeyID, Secret: secret.New(job.Secret), Email: job.Email},
	})
	if err != nil {
		return err
	}
	f, err := recover.New(recover.Config{
		Client: client, Connectors: []dtapi.ConnectorName{dtapi.ConnectorName(job.Connector)},
		Handler: handling.Handler{Sink: events}, Checkpoints: checkpoints, Overlap: time.Hour, Now: now,
		UserDisabled: true, // the second story begins so
	})
	if err != nil {
		return err
	}
	start := time.Now()
	report, err := f.Run(ctx)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(recoverResult{Report: report, Took: time.Since(start), Memory: peakMemory()})
}

// A tally says what is in a store, beside what the cloud's devices have emitted.
type tally struct{ emitted, stored, lost, strange, repeated, inOutage int }

func (o *outage) tally(t *testing.T, path string) tally {
	t.Helper()
	stored, rows := readStore(t, t.Context(), path)
	emitted := make(map[string]bool)
	r := tally{stored: len(stored), repeated: rows - len(stored)}
	devices, err := o.cloud.Devices(o.connector[:strings.Index(o.connector, "/dataconnectors")])
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range devices {
		history, err := o.cloud.History(d.Name)
		if err != nil {
			t.Fatal(err)
		}
		for _, raw := range history {
			var e struct {
				EventID   string
				Timestamp time.Time
			}
			if err := json.Unmarshal(raw, &e); err != nil {
				t.Fatal(err)
			}
			emitted[e.EventID] = true
			if !e.Timestamp.Before(o.began) && e.Timestamp.Before(o.began.Add(storyOutage)) {
				r.inOutage++
			}
		}
	}
	r.emitted = len(emitted)
	for id := range emitted {
		if !stored[id] {
			r.lost++
		}
	}
	for id := range stored {
		if !emitted[id] {
			r.strange++
		}
	}
	return r
}

func (r tally) check(t *testing.T) {
	t.Helper()
	_, events := storySize()
	if r.lost != 0 || r.strange != 0 || r.repeated != 0 || r.inOutage < events {
		t.Errorf("%+v: want nothing lost, strange or repeated, and at least %d events in the outage", r, events)
	}
}

// A customer's endpoint is down for six days; DT disables the connector, and will
// never send what was missed. Recover enables it and fetches the gap: once in
// peace, and once killed ten times, while requests to DT's API fail.
func TestSixDaysDown(t *testing.T) {
	o := newOutage(t)
	// What the second story begins with.
	again := copyStore(t, o)

	result := o.recover(t, recoverOptions{})
	gap := result.Connectors[0].Gaps[0]
	o.pass(t, time.Hour) // and the connector delivers again
	r := o.tally(t, o.path)
	fmt.Printf("six days down: %d devices, %d events in the outage; recovered %d events in %d requests and %v, %d duplicates, at most %d MiB\n",
		gap.Devices, r.inOutage, gap.Events, gap.Pages, result.Took.Round(time.Millisecond), gap.Duplicates, result.Memory>>10)
	fmt.Printf("               emitted %d, stored %d, lost %d, strange %d, repeated %d\n", r.emitted, r.stored, r.lost, r.strange, r.repeated)
	r.check(t)
	if !result.Connectors[0].Enabled || !gap.Finished {
		t.Errorf("report %+v", result.Report)
	}
	if !raceDetector && result.Memory > storyMemory {
		t.Errorf("recover used %d KiB, at most %d are allowed", result.Memory, storyMemory)
	}
	o.killedTenTimes(t, again)
}

func (o *outage) killedTenTimes(t *testing.T, path string) {
	if err := o.cloud.SetStatus(o.connector, dtcloud.StatusUserDisabled); err != nil {
		t.Fatal(err)
	}
	if err := o.cloud.SetAPIFaults(dtcloud.APIFaults{Error: 0.1, TooMany: 0.05}); err != nil {
		t.Fatal(err)
	}
	start, killed := time.Now(), 0
	before := o.history.Load()
	devices, _ := storySize()
	for range storyKills {
		next := o.history.Load() + int64(devices/8)
		o.recover(t, recoverOptions{store: path, kill: func(ctx context.Context) {
			for o.history.Load() < next && ctx.Err() == nil {
				select {
				case <-o.answered:
				case <-ctx.Done():
				}
			}
			killed++
		}})
	}
	result := o.recover(t, recoverOptions{store: path})
	took := time.Since(start)
	requests := o.history.Load() - before
	if err := o.cloud.SetAPIFaults(dtcloud.APIFaults{}); err != nil {
		t.Fatal(err)
	}
	r := o.tally(t, path)
	fmt.Printf("               killed %d times, 10 %% of the API's answers errors, 5 %% 429: %d requests for events in %v, at most %d MiB\n",
		killed, requests, took.Round(time.Millisecond), result.Memory>>10)
	fmt.Printf("               emitted %d, stored %d, lost %d, strange %d, repeated %d\n", r.emitted, r.stored, r.lost, r.strange, r.repeated)
	r.check(t)
	if killed != storyKills {
		t.Errorf("killed %d times", killed)
	}
}

// copyStore copies the store as it is now, and returns the copy's path.
func copyStore(t *testing.T, o *outage) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "again.db")
	if err := o.store.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(o.path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if o.store, err = store.Open(t.Context(), o.path); err != nil {
		t.Fatal(err)
	}
	return path
}

// peakMemory returns how much memory this process has used at most, in KiB; 0 where
// Linux does not tell.
func peakMemory() int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		var kib int64
		if n, _ := fmt.Sscanf(line, "VmHWM: %d kB", &kib); n == 1 {
			return kib
		}
	}
	return 0
}
