package batch_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dt-functions/dt-functions/aws/batch"
	"github.com/dt-functions/dt-functions/shared/sink"
)

var (
	errPassing = errors.New("passing")
	errLasting = errors.New("lasting")
)

// A broker keeps what it is sent, but for what its faults say.
type broker struct {
	mu       sync.Mutex
	requests [][]string
	stored   []string
	// entry returns what becomes of an entry, whole of a request.
	entry func(request int, id string) error
	whole func(request int, ids []string) error
	took  time.Duration // of a request
}

func (b *broker) send(ctx context.Context, ids []string) ([]error, error) {
	b.mu.Lock()
	b.requests = append(b.requests, slices.Clone(ids))
	n := len(b.requests)
	b.mu.Unlock()
	if b.took > 0 {
		select {
		case <-time.After(b.took):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.whole != nil {
		if err := b.whole(n, ids); err != nil {
			return nil, err
		}
	}
	errs := make([]error, len(ids))
	for i, id := range ids {
		if b.entry != nil {
			errs[i] = b.entry(n, id)
		}
		if errs[i] == nil {
			b.stored = append(b.stored, id)
		}
	}
	return errs, nil
}

func (b *broker) open(change func(*batch.Config[string])) *batch.Sink[string] {
	c := batch.Config[string]{
		Prepare: func(m *sink.Message) (string, int, error) {
			if len(m.Data) > 50 {
				return "", 0, sink.ErrTooLarge
			}
			return m.ID, len(m.Data), nil
		},
		Send:      b.send,
		Temporary: func(err error) bool { return errors.Is(err, errPassing) },
		Divisible: func(err error) bool { return errors.Is(err, errLasting) },
		Entries:   10, Bytes: 100,
	}
	if change != nil {
		change(&c)
	}
	return batch.New(c)
}

func messages(prefix string, n int) []sink.Message {
	msgs := make([]sink.Message, n)
	for i := range msgs {
		msgs[i] = sink.Message{ID: fmt.Sprint(prefix, i)}
	}
	return msgs
}

func ids(msgs []sink.Message) []string {
	all := make([]string, len(msgs))
	for i, m := range msgs {
		all[i] = m.ID
	}
	return all
}

func TestRequestsAreFull(t *testing.T) {
	b := &broker{}
	s := b.open(nil)
	if _, err := s.Publish(t.Context(), messages("m", 25)); err != nil {
		t.Fatal(err)
	}
	if len(b.requests) != 3 || len(b.requests[0]) != 10 || len(b.requests[2]) != 5 || !slices.Equal(b.stored, ids(messages("m", 25))) {
		t.Errorf("requests %v", b.requests)
	}
	large := messages("l", 3)
	for i := range large {
		large[i].Data = make([]byte, 45)
	}
	b.requests = nil
	if _, err := s.Publish(t.Context(), large); err != nil {
		t.Fatal(err)
	}
	if len(b.requests) != 2 || len(b.requests[0]) != 2 {
		t.Errorf("requests %v", b.requests)
	}
}

// Only what failed is sent again.
func TestPartialFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &broker{entry: func(request int, id string) error {
			if request < 3 && id == "m3" {
				return errPassing
			}
			return nil
		}}
		if _, err := b.open(nil).Publish(t.Context(), messages("m", 10)); err != nil {
			t.Fatal(err)
		}
		if len(b.requests) != 3 || !slices.Equal(b.requests[1], []string{"m3"}) || len(b.stored) != 10 {
			t.Errorf("requests %v", b.requests)
		}
	})
}

// A message that cannot be stored fails its own caller, and nobody else's message is
// stored twice.
func TestOthersAreNotFailed(t *testing.T) {
	for name, lasting := range map[string]error{"lasting": errLasting, "passing": errPassing} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := &broker{took: time.Second, entry: func(_ int, id string) error {
					if id == "bad0" {
						return lasting
					}
					return nil
				}}
				s := b.open(nil)
				var done sync.WaitGroup
				done.Go(func() { _, _ = s.Publish(t.Context(), messages("first", 1)) }) // keeps the sender busy
				synctest.Wait()
				errs := make([]error, 4)
				for i, prefix := range []string{"a", "bad", "c", "d"} {
					done.Go(func() { _, errs[i] = s.Publish(t.Context(), messages(prefix, 1)) })
				}
				done.Wait()
				if errs[0] != nil || !errors.Is(errs[1], lasting) || errs[2] != nil || errs[3] != nil {
					t.Errorf("got %v", errs)
				}
				slices.Sort(b.stored)
				if !slices.Equal(b.stored, []string{"a0", "c0", "d0", "first0"}) {
					t.Errorf("stored %v", b.stored)
				}
			})
		})
	}
}

// When a whole request is refused for one message, the others go on their own.
func TestDivides(t *testing.T) {
	b := &broker{whole: func(_ int, ids []string) error {
		if slices.Contains(ids, "m4") {
			return errLasting
		}
		return nil
	}}
	_, err := b.open(nil).Publish(t.Context(), messages("m", 10))
	if !errors.Is(err, errLasting) || !strings.Contains(err.Error(), "1 of 10 messages") || len(b.stored) != 9 || len(b.requests) != 11 {
		t.Errorf("%v, stored %v, %d requests", err, b.stored, len(b.requests))
	}
}

// The error of a request that Send has repeated is not repeated again.
func TestWholeRequestFails(t *testing.T) {
	b := &broker{whole: func(int, []string) error { return errPassing }}
	if _, err := b.open(nil).Publish(t.Context(), messages("m", 1)); !errors.Is(err, errPassing) || len(b.requests) != 1 {
		t.Errorf("%v after %d requests", err, len(b.requests))
	}
}

// Too large is told only when nothing else is wrong, or a message that could still be
// stored would be given up.
func TestTooLarge(t *testing.T) {
	b := &broker{}
	s := b.open(nil)
	msgs := messages("m", 3)
	msgs[1].Data = make([]byte, 51)
	if _, err := s.Publish(t.Context(), msgs); !errors.Is(err, sink.ErrTooLarge) || len(b.stored) != 0 {
		t.Errorf("%v, stored %v", err, b.stored)
	}
	b.entry = func(_ int, id string) error {
		switch id {
		case "m0":
			return fmt.Errorf("%w: by the service", sink.ErrTooLarge)
		case "m1":
			return errLasting
		}
		return nil
	}
	if _, err := s.Publish(t.Context(), messages("m", 3)); errors.Is(err, sink.ErrTooLarge) || !errors.Is(err, errLasting) {
		t.Errorf("got %v", err)
	}
}

// At most so many requests are under way; what comes meanwhile goes together.
func TestSenders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &broker{took: time.Second}
		s := b.open(func(c *batch.Config[string]) { c.Senders = 2 })
		var done sync.WaitGroup
		for i := range 12 {
			done.Go(func() {
				if _, err := s.Publish(t.Context(), messages(fmt.Sprint("p", i, "-"), 1)); err != nil {
					t.Error(err)
				}
			})
			synctest.Wait()
		}
		done.Wait()
		if len(b.requests) != 3 || len(b.requests[2]) != 10 {
			t.Errorf("requests %v", b.requests)
		}
	})
}

// One whose time is up leaves; what of his has not been sent is not.
func TestLeaving(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &broker{took: time.Minute}
		s := b.open(func(c *batch.Config[string]) { c.Timeout = time.Hour })
		ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
		defer cancel()
		start := time.Now()
		if _, err := s.Publish(ctx, messages("m", 11)); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 8*time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		if err := s.Close(); err != nil || len(b.requests) != 1 || time.Since(start) != time.Minute {
			t.Errorf("%v, requests %v, closed after %v", err, b.requests, time.Since(start))
		}
	})
}

// A request that hangs ends by itself, and the next caller is served.
func TestTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &broker{took: time.Hour}
		s := b.open(nil)
		start := time.Now()
		if _, err := s.Publish(t.Context(), messages("m", 1)); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 7*time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		b.took = 0
		if _, err := s.Publish(t.Context(), messages("n", 1)); err != nil {
			t.Error(err)
		}
	})
}

// No round begins after the time is up.
func TestTimeoutBetweenRounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &broker{entry: func(int, string) error { return errPassing }}
		s := b.open(func(c *batch.Config[string]) { c.Pause = func(int) time.Duration { return time.Hour } })
		if _, err := s.Publish(t.Context(), messages("m", 1)); !errors.Is(err, errPassing) || len(b.requests) != 1 {
			t.Errorf("%v after %d requests", err, len(b.requests))
		}
	})
}

func TestDefects(t *testing.T) {
	b := &broker{whole: func(int, []string) error { panic("defect") }}
	if _, err := b.open(nil).Publish(t.Context(), messages("m", 1)); err == nil || !strings.Contains(err.Error(), "panic in the sink: defect") {
		t.Errorf("got %v", err)
	}
	s := (&broker{}).open(func(c *batch.Config[string]) {
		c.Send = func(context.Context, []string) ([]error, error) { return make([]error, 7), nil }
	})
	if _, err := s.Publish(t.Context(), messages("m", 1)); err == nil || !strings.Contains(err.Error(), "told of 7 messages") {
		t.Errorf("got %v", err)
	}
}
