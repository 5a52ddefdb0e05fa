package mototest

import (
	"context"
	"errors"
	"fmt"
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

// RunRestart publishes 10,000 events, as connectors do: each until it is accepted.
// Half-way the server, which must be durable, is killed and started again. None that
// was accepted is missing.
func RunRestart(t *testing.T, server *Server, s SinkTest) {
	t.Helper()
	const events, publishers = 10_000, 64
	client := awsapi.New(awsapi.Config{Env: server.Env(), AttemptTimeout: 5 * time.Second})
	open, err := s.Open(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	var (
		all                    = make([]sink.Message, events)
		next, accepted, failed atomic.Int64
		publishing, restarting sync.WaitGroup
		kill                   = make(chan struct{})
		killOnce               sync.Once
		ctx, cancel            = context.WithTimeout(t.Context(), 4*time.Minute)
	)
	defer cancel()
	for i := range all {
		all[i] = message(fmt.Sprint("event ", i))
	}
	restarting.Go(func() {
		select {
		case <-kill:
		case <-ctx.Done():
			return
		}
		server.Kill()
		if err := server.Restart(ctx); err != nil {
			t.Error(err)
		}
	})
	for range publishers {
		publishing.Go(func() {
			for {
				i := next.Add(1) - 1
				if i >= events {
					return
				}
				for {
					_, err := open.Publish(ctx, all[i:i+1])
					if err == nil {
						break
					}
					if ctx.Err() != nil {
						return
					}
					failed.Add(1)
				}
				if accepted.Add(1) == events/2 {
					killOnce.Do(func() { close(kill) })
				}
			}
		})
	}
	publishing.Wait()
	restarting.Wait()
	if n := accepted.Load(); n != events || failed.Load() == 0 {
		t.Fatalf("%d of %d events accepted, %d attempts failed", n, events, failed.Load())
	}
	missing, err := s.missing(ctx, all)
	if err != nil || len(missing) > 0 {
		t.Fatalf("%d accepted events are missing, %v", len(missing), err)
	}
	t.Logf("%d events accepted, %d attempts failed meanwhile, none missing", events, failed.Load())
}
