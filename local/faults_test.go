// Package local_test holds the tests of the parts of this machine together: the
// simulated DT Cloud, the receiver as a process of its own, and the store.
package local_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/functions/receive"
	"github.com/dt-functions/dt-functions/functions/receive/receivehttp"
	"github.com/dt-functions/dt-functions/local/dtcloud"
	"github.com/dt-functions/dt-functions/local/store"
	"github.com/dt-functions/dt-functions/shared/event"
	"github.com/dt-functions/dt-functions/shared/handling"
	"github.com/dt-functions/dt-functions/shared/signature"
	"github.com/dt-functions/dt-functions/shared/sink"
)

const (
	faultEvents = 100_000
	faultKills  = 5
	faultSecret = "the-secret-of-the-fault-test"
)

// The test binary is the receiver too: a process that can be killed.
const (
	receiverAddress = "DTFN_TEST_RECEIVER_ADDRESS"
	receiverStore   = "DTFN_TEST_RECEIVER_STORE"
	receiverReady   = "ready"
)

// And it is recover.
const recoverJobVariable = "DTFN_TEST_RECOVER"

func TestMain(m *testing.M) {
	var err error
	switch job := os.Getenv(recoverJobVariable); {
	case job != "":
		err = runRecover(context.Background(), job)
	case os.Getenv(receiverAddress) != "":
		err = runReceiver(context.Background())
	default:
		os.Exit(m.Run())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// A flaky sink fails for every fifth call, half of the time after it has stored
// the events: the caller cannot know.
type flaky struct {
	sink.Sink
	calls atomic.Int64
}

var errFlaky = errors.New("sink fault")

func (f *flaky) Publish(ctx context.Context, msgs []sink.Message) (sink.Result, error) {
	switch f.calls.Add(1) % 10 {
	case 3:
		return sink.Result{}, errFlaky
	case 7:
		_, err := f.Sink.Publish(ctx, msgs)
		return sink.Result{}, errors.Join(errFlaky, err)
	}
	return f.Sink.Publish(ctx, msgs)
}

// runReceiver receives until it is killed.
func runReceiver(ctx context.Context) error {
	events, err := store.Open(ctx, os.Getenv(receiverStore))
	if err != nil {
		return err
	}
	verifier, err := signature.NewVerifier(signature.Config{Secrets: signature.StaticSecrets(faultSecret)})
	if err != nil {
		return err
	}
	f, err := receive.New(receive.Config{Verifier: verifier, Handler: handling.Handler{Sink: &flaky{Sink: events}}})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", os.Getenv(receiverAddress))
	if err != nil {
		return err
	}
	fmt.Println(receiverReady)
	return receivehttp.Serve(ctx, listener, receivehttp.NewHandler(f), slog.New(slog.DiscardHandler))
}

// startReceiver starts the receiver and waits until it listens.
func startReceiver(t *testing.T, address, path string) *exec.Cmd {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), receiverAddress+"="+address, receiverStore+"="+path)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); strings.TrimSpace(line) != receiverReady {
		t.Fatalf("the receiver said %q, %v", line, err)
	}
	return cmd
}

func kill(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Process.Kill(); err != nil { // SIGKILL: nothing is finished
		t.Fatal(err)
	}
	_ = cmd.Wait() // the error says that it was killed
}

// 100,000 events, a sink that fails for a fifth of the calls, answers that get
// lost, events that come twice and out of order, and a receiver that is killed
// five times: at the end every event is in the store once.
func TestNothingIsLostOrRepeated(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	path := filepath.Join(t.TempDir(), "events.db")
	address := freeAddress(t)

	// A kill each time another share of the events has been acknowledged.
	kills := make(chan struct{}, faultKills)
	var acknowledged, refused atomic.Int64
	clock, err := dtcloud.NewClock(time.Now(), 1)
	if err != nil {
		t.Fatal(err)
	}
	cloud, err := dtcloud.New(dtcloud.Config{
		Clock: clock, Seed: rand.Uint64(), Concurrency: 64,
		Retry:  dtcloud.Backoff{First: 20 * time.Millisecond, Max: time.Second},
		Faults: dtcloud.Faults{DropAnswer: 0.1, Duplicate: 0.05, Reorder: 0.1, CorruptSignature: 0.01},
		Observe: func(a dtcloud.Attempt) {
			if a.Status == http.StatusUnauthorized {
				refused.Add(1)
			}
			if a.Acknowledged && acknowledged.Add(1)%(faultEvents/(faultKills+1)) == 0 {
				select {
				case kills <- struct{}{}:
				default:
				}
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	devices := faultDevices(t, cloud, "http://"+address+"/")

	receiver := startReceiver(t, address, path)
	defer func() { kill(t, receiver) }()
	running, stop := context.WithCancel(ctx)
	ran := make(chan error, 1)
	go func() { ran <- cloud.Run(running) }()
	cloud.StopSensors()

	start := time.Now()
	sent := make(map[string]bool, faultEvents)
	for i := range faultEvents {
		id, err := cloud.Inject(dtcloud.Event{Device: devices[i%len(devices)], Type: event.TypeTouch, Data: []byte(`{"touch":{}}`)})
		if err != nil {
			t.Fatal(err)
		}
		sent[id] = true
	}
	idle := make(chan error, 1)
	go func() { idle <- cloud.WaitIdle(ctx) }()
	killed := 0
	for done := false; !done; {
		select {
		case <-kills:
			if killed < faultKills {
				killed++
				kill(t, receiver)
				receiver = startReceiver(t, address, path)
			}
		case err := <-idle:
			if err != nil {
				t.Fatalf("%v: %v", err, cloud.Stats())
			}
			done = true
		}
	}
	took := time.Since(start)
	stop()
	if err := <-ran; err != nil {
		t.Fatal(err)
	}

	// What was acknowledged must be there even when the process ends at once.
	kill(t, receiver)
	receiver = startReceiver(t, address, path)
	stored, rows := readStore(t, ctx, path)
	lost, strange := 0, 0
	for id := range sent {
		if !stored[id] {
			lost++
		}
	}
	for id := range stored {
		if !sent[id] {
			strange++
		}
	}
	stats := cloud.Stats()
	fmt.Printf("fault test: sent %d, delivered %d, retried %d, stored %d, lost %d, repeated %d\n",
		stats.Sent, stats.Delivered, stats.Retried, len(stored), lost, rows-len(stored))
	fmt.Printf("            %d attempts in %v (%.0f a second), %d duplicates, %d answers dropped, %d corrupted and refused, receiver killed %d times\n",
		stats.Attempts, took.Round(time.Millisecond), float64(stats.Attempts)/took.Seconds(), stats.Duplicates, stats.DroppedAnswers, refused.Load(), killed)

	switch {
	case len(sent) != faultEvents || stats.Sent != faultEvents || stats.Delivered != faultEvents:
		t.Errorf("sent %d, %v", len(sent), stats)
	case lost != 0 || strange != 0 || rows != len(stored):
		t.Errorf("%d lost, %d never sent, %d repeated", lost, strange, rows-len(stored))
	}
	// The faults must really have happened.
	if killed != faultKills || stats.Retried < faultEvents/5 || stats.DroppedAnswers < faultEvents/20 || stats.Duplicates < faultEvents/40 || refused.Load() == 0 {
		t.Errorf("too few faults: killed %d times, %d refused, %v", killed, refused.Load(), stats)
	}
}

// faultDevices adds a project whose connector posts to url, and returns its
// devices.
func faultDevices(t *testing.T, cloud *dtcloud.Cloud, url string) []string {
	t.Helper()
	project, err := cloud.AddProject(dtcloud.ProjectSpec{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cloud.AddConnector(project, dtcloud.Connector{HTTPConfig: dtcloud.HTTPConfig{URL: url, SignatureSecret: faultSecret}}); err != nil {
		t.Fatal(err)
	}
	var devices []string
	for range 50 {
		device, err := cloud.AddDevice(project, dtcloud.DeviceSpec{Type: event.DeviceTouch})
		if err != nil {
			t.Fatal(err)
		}
		devices = append(devices, device)
	}
	return devices
}

// readStore returns the ids of the events in the store and how many rows it has.
func readStore(t *testing.T, ctx context.Context, path string) (ids map[string]bool, rows int) {
	t.Helper()
	events, err := store.Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer events.Close()
	ids = make(map[string]bool, faultEvents)
	for record, err := range events.Query(ctx, store.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		ids[record.ID] = true
		rows++
	}
	return ids, rows
}

// freeAddress returns a loopback address that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}
