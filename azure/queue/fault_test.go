//go:build platforms

package queue_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/azure/azuritetest"
	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/sink"
)

// A fault comes between the sink and the server, for as many requests as it lasts.
type fault struct {
	next http.RoundTripper
	left atomic.Int64
	how  func(r *http.Request, next http.RoundTripper) (*http.Response, error)
}

func (f *fault) RoundTrip(r *http.Request) (*http.Response, error) {
	if f.left.Add(-1) < 0 {
		return f.next.RoundTrip(r)
	}
	return f.how(r, f.next)
}

func throttled(*http.Request, http.RoundTripper) (*http.Response, error) {
	return answer(503, "ServerBusy")
}

func hanging(r *http.Request, _ http.RoundTripper) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// torn lets the server store the message and then loses its answer.
func torn(r *http.Request, next http.RoundTripper) (*http.Response, error) {
	answer, err := next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	return nil, errors.Join(io.ErrUnexpectedEOF, answer.Body.Close())
}

func event(n int) sink.Message {
	id := fmt.Sprintf("event-%d", n)
	return sink.Message{ID: id, Key: "device", Data: fmt.Appendf(nil, `{"id":%q}`, id)}
}

// missing returns how many of the accepted events are not in the queue, and how many
// are there more than once.
func missing(t *testing.T, b *broker, accepted []sink.Message) (lost, twice int) {
	t.Helper()
	stored, err := b.stored(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	times := make(map[string]int)
	for _, m := range stored {
		times[string(m.Data)]++
	}
	for _, m := range accepted {
		switch n := times[string(m.Data)]; {
		case n == 0:
			lost++
		case n > 1:
			twice++
		}
	}
	return lost, twice
}

// Through each fault Publish says what is true, and after it everything accepted is
// there.
func TestFaultsOfTheServer(t *testing.T) {
	tests := map[string]struct {
		how      func(*http.Request, http.RoundTripper) (*http.Response, error)
		requests int64
		fails    bool
	}{
		"throttled for a moment":          {throttled, 2, false},
		"throttled for long":              {throttled, 3, true},
		"not answering":                   {hanging, 3, true},
		"torn after it stored, once":      {torn, 1, false},
		"torn after it stored, each time": {torn, 3, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBroker(t, shared)
			f := &fault{next: b.config.Client.Transport, how: test.how}
			b.config.Client = &http.Client{Transport: f}
			s, err := b.open(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			f.left.Store(test.requests)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			var accepted []sink.Message
			if _, err := s.Publish(ctx, []sink.Message{event(1)}); (err != nil) != test.fails {
				t.Errorf("error %v", err)
			} else if err == nil {
				accepted = append(accepted, event(1))
			}
			f.left.Store(0)
			// What was not accepted is sent again, as DT does, and so is more.
			for _, n := range []int{1, 2} {
				if _, err := s.Publish(t.Context(), []sink.Message{event(n)}); err != nil {
					t.Fatalf("after the fault: %v", err)
				}
				accepted = append(accepted, event(n))
			}
			if lost, _ := missing(t, b, accepted); lost > 0 {
				t.Errorf("%d events are lost", lost)
			}
		})
	}
}

func TestPermissionRefused(t *testing.T) {
	b := newBroker(t, shared)
	right := b.config.ConnectionString
	wrong := base64.StdEncoding.EncodeToString([]byte("another key"))
	parts := strings.Split(right.Reveal(), ";")
	for i, part := range parts {
		if strings.HasPrefix(part, "AccountKey=") {
			parts[i] = "AccountKey=" + wrong
		}
	}
	b.config.ConnectionString = secret.New(strings.Join(parts, ";"))
	s, err := b.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Publish(t.Context(), []sink.Message{event(1)})
	if err == nil || !strings.Contains(err.Error(), "403") || !strings.Contains(err.Error(), "Storage Queue Data Message Sender") {
		t.Errorf("error %v", err)
	}
	b.config.ConnectionString = right
	if s, err = b.open(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Publish(t.Context(), []sink.Message{event(1)}); err != nil {
		t.Error(err)
	}
	if lost, _ := missing(t, b, []sink.Message{event(1)}); lost > 0 {
		t.Error("the event is lost")
	}
}

// 10,000 events are published, each until it is accepted, while the server is stopped
// and started again half-way. None that was accepted is missing.
func TestServerRestarts(t *testing.T) {
	const (
		events  = 10_000
		senders = 32
	)
	server, err := azuritetest.Start(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer server.Stop()
	b := newBroker(t, server)
	s, err := b.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var next, accepted, refused atomic.Int64
	half := make(chan struct{})
	var work sync.WaitGroup
	for range senders {
		work.Go(func() {
			for t.Context().Err() == nil {
				n := next.Add(1)
				if n > events {
					return
				}
				for t.Context().Err() == nil {
					ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
					_, err := s.Publish(ctx, []sink.Message{event(int(n))})
					cancel()
					if err == nil {
						break
					}
					refused.Add(1)
				}
				if accepted.Add(1) == events/2 {
					close(half)
				}
			}
		})
	}
	select {
	case <-half:
	case <-t.Context().Done():
		t.Fatal("half of the events were never accepted")
	}
	if err := server.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := server.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	work.Wait()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	all := make([]sink.Message, events)
	for i := range all {
		all[i] = event(i + 1)
	}
	lost, twice := missing(t, b, all)
	t.Logf("%d events accepted, %d times refused meanwhile; %d lost, %d stored more than once", accepted.Load(), refused.Load(), lost, twice)
	if accepted.Load() != events || lost > 0 {
		t.Errorf("%d of %d events accepted, %d lost", accepted.Load(), events, lost)
	}
	if refused.Load() == 0 {
		t.Error("no event was refused: the server was not away")
	}
}
