package mototest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/aws/awsapi"
	"github.com/dt-functions/dt-functions/shared/sink"
)

// A SinkTest tells what sink is tested on a server.
type SinkTest struct {
	// Open opens the sink with that client.
	Open func(ctx context.Context, client *awsapi.Client) (sink.Sink, error)
	// Stored returns what has come out of the sink since the test began.
	Stored func(ctx context.Context) ([]sink.Message, error)
}

func message(name string) sink.Message {
	return sink.Message{
		ID: "id-" + name, Key: "device-" + name, Attributes: sink.Attributes{EventType: "touch"},
		Data: fmt.Appendf(nil, `{"name":%q}`, name),
	}
}

// missing returns the messages of want whose data is not in the sink.
func (s SinkTest) missing(ctx context.Context, want []sink.Message) ([]string, error) {
	stored, err := s.Stored(ctx)
	if err != nil {
		return nil, err
	}
	there := make(map[string]bool, len(stored))
	for _, m := range stored {
		there[string(m.Data)] = true
	}
	var missing []string
	for _, m := range want {
		if !there[string(m.Data)] {
			missing = append(missing, m.ID)
		}
	}
	return missing, nil
}

// RunFaults lets each fault come over a sink: publishing fails while it lasts, works
// when it is over, and nothing that was accepted is missing.
func RunFaults(t *testing.T, server *Server, s SinkTest) {
	t.Helper()
	proxy := server.NewProxy(t)
	open, err := s.Open(t.Context(), proxy.Client)
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	var accepted []sink.Message
	publish := func(msgs ...sink.Message) error {
		ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second) // as receive does
		defer cancel()
		_, err := open.Publish(ctx, msgs)
		if err == nil {
			accepted = append(accepted, msgs...)
		}
		return err
	}
	for name, fault := range map[string]Fault{
		"throttled": Throttle, "no permission": Deny, "service fails": Fail, "no answer": Hang, "torn before": TearBefore, "torn after": TearAfter,
	} {
		proxy.Set(fault)
		m := message(name)
		if err := publish(m); err == nil || errors.Is(err, sink.ErrTooLarge) {
			t.Errorf("%s: got %v", name, err)
		}
		proxy.Set(None)
		if err := publish(m, message(name+", after")); err != nil {
			t.Errorf("after %s: %v", name, err)
		}
	}
	proxy.Set(TearOnce)
	if err := publish(message("torn once")); err != nil {
		t.Errorf("torn once: %v", err)
	}
	if missing, err := s.missing(t.Context(), accepted); err != nil || len(missing) > 0 || len(accepted) < 13 {
		t.Errorf("of %d accepted, missing %v, %v", len(accepted), missing, err)
	}
}

// places is how many queues share the events of RunRestart. The time that moto takes
// for a message grows with the length of its queue.
const places = 200

// RunRestart publishes 10,000 events, each until it is accepted, as connectors do.
// Half-way the server, which must be durable, is killed and started again. None that
// was accepted is missing. newTest makes a sink of that name; there are many of one
// kind.
func RunRestart(t *testing.T, server *Server, newTest func(name string) SinkTest) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
	defer cancel()
	r := &restart{server: server, kill: make(chan struct{}), back: make(chan struct{})}
	// One request at a time: moto writes down several at once into one another.
	one := &http.Client{Transport: gate{&http.Transport{MaxConnsPerHost: 1}, &r.replaying}}
	client := awsapi.New(awsapi.Config{Env: server.Env(), Client: one, AttemptTimeout: 30 * time.Second})
	for i := range places {
		s := newTest(fmt.Sprint("place-", i))
		open, err := s.Open(ctx, client)
		if err != nil {
			t.Fatal(err)
		}
		defer open.Close()
		r.tests, r.sinks = append(r.tests, s), append(r.sinks, open)
	}
	for i := range restartEvents {
		r.events = append(r.events, message(fmt.Sprint("event ", i)))
	}
	if err := r.run(ctx); err != nil {
		t.Fatal(err)
	}
	for i, s := range r.tests {
		var published []sink.Message
		for n := i; n < restartEvents/together; n += places {
			published = append(published, r.events[n*together:(n+1)*together]...)
		}
		missing, err := s.missing(t.Context(), published)
		if err != nil || len(missing) > 0 {
			t.Errorf("place %d: %d accepted events are missing, %v", i, len(missing), err)
		}
	}
	t.Logf("%d events accepted, %d attempts failed meanwhile", restartEvents, r.failed.Load())
}

// restartEvents is how many events RunRestart publishes, and together how many of them
// at a time.
const (
	restartEvents = 10_000
	together      = 10
)

// A restart is one RunRestart.
type restart struct {
	server *Server
	tests  []SinkTest
	sinks  []sink.Sink // of tests
	events []sink.Message

	next, accepted, failed atomic.Int64
	replaying              atomic.Bool   // the server runs, but does not have all its data
	kill                   chan struct{} // closed when the server is to be killed
	back                   chan struct{} // closed when it has its data again
}

// run publishes all events, and kills and restarts the server meanwhile.
func (r *restart) run(ctx context.Context) error {
	var publishers, restarting sync.WaitGroup
	var restartErr error
	restarting.Go(func() {
		select {
		case <-r.kill:
			r.server.Kill()
			r.replaying.Store(true)
			restartErr = r.server.Restart(ctx)
			r.replaying.Store(false)
			close(r.back)
		case <-ctx.Done():
		}
	})
	for range 64 {
		publishers.Go(func() { r.publish(ctx) })
	}
	publishers.Wait()
	restarting.Wait()
	if n := r.accepted.Load(); n != restartEvents || r.failed.Load() == 0 {
		return fmt.Errorf("%d of %d events accepted, %d attempts failed, %w", n, restartEvents, r.failed.Load(), errors.Join(restartErr, ctx.Err()))
	}
	return restartErr
}

// A gate lets no request through while the server replays its recording: a topic that
// is there already, without its subscription, would take events for nobody.
type gate struct {
	http.RoundTripper
	closed *atomic.Bool
}

func (g gate) RoundTrip(r *http.Request) (*http.Response, error) {
	if g.closed.Load() {
		return nil, errors.New("the server is restarting")
	}
	return g.RoundTripper.RoundTrip(r)
}

// publish publishes events, each until it is accepted.
func (r *restart) publish(ctx context.Context) {
	for {
		i := int(r.next.Add(1)) - 1
		if i >= len(r.events)/together {
			return
		}
		for {
			_, err := r.sinks[i%places].Publish(ctx, r.events[i*together:(i+1)*together])
			if err == nil {
				break
			}
			if ctx.Err() != nil {
				return
			}
			r.failed.Add(1)
			if r.replaying.Load() {
				select {
				case <-r.back:
				case <-ctx.Done():
				}
			}
		}
		if r.accepted.Add(together) == restartEvents/2 {
			close(r.kill)
		}
	}
}
