package dtcloud_test

import (
	"errors"
	"math"
	"math/bits"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/local/dtcloud"
	"github.com/dt-functions/dt-functions/shared/signature"
)

// near tells whether n is what a probability makes of so many tries, give or take
// five standard deviations. The seed is fixed, so the answer never changes.
func near(n int64, tries int, probability float64) bool {
	mean := float64(tries) * probability
	return math.Abs(float64(n)-mean) <= 5*math.Sqrt(mean*(1-probability))
}

func TestDroppedAnswers(t *testing.T) {
	w := newWorld(t, func(c *dtcloud.Config) { c.Faults.DropAnswer = 0.1 })
	ids := w.touch(t, 2000)
	w.deliverAll(t)
	s := w.Stats()
	if s.Delivered != 2000 || !near(s.DroppedAnswers, int(s.Attempts), 0.1) || s.Retried != s.DroppedAnswers {
		t.Errorf("%v", s)
	}
	// The receiver had answered: to it these are events that come again.
	got := w.receiver.ids(t)
	if len(got) != int(s.Attempts) {
		t.Errorf("%d requests, %d attempts", len(got), s.Attempts)
	}
	checkAllCame(t, got, ids)
	metrics, err := w.Metrics(w.connector)
	if err != nil || metrics.SuccessCount != 2000 || metrics.ErrorCount != s.DroppedAnswers {
		t.Errorf("metrics %+v, %v", metrics, err)
	}
}

func checkAllCame(t *testing.T, got, want []string) {
	t.Helper()
	got, want = slices.Clone(got), slices.Clone(want)
	slices.Sort(got)
	slices.Sort(want)
	if got = slices.Compact(got); !slices.Equal(got, want) {
		t.Errorf("%d distinct events came, want %d", len(got), len(want))
	}
}

func TestDuplicates(t *testing.T) {
	var mu sync.Mutex
	first := make(map[string]time.Time)
	var apart []time.Duration
	w := newWorld(t, func(c *dtcloud.Config) {
		c.Faults.Duplicate = 0.05
		c.Observe = func(a dtcloud.Attempt) {
			mu.Lock()
			defer mu.Unlock()
			if a.Duplicate {
				apart = append(apart, a.Time.Sub(first[a.EventID]))
			} else {
				first[a.EventID] = a.Time
			}
		}
	})
	ids := w.touch(t, 2000)
	w.deliverAll(t)
	s := w.Stats()
	w.checkStats(t, dtcloud.Stats{Sent: 2000, Delivered: 2000, Attempts: 2000 + s.Duplicates, Duplicates: s.Duplicates})
	if !near(s.Duplicates, 2000, 0.05) || len(apart) != int(s.Duplicates) {
		t.Errorf("%v, %d seen", s, len(apart))
	}
	for _, d := range apart {
		if d <= 0 || d > 6*time.Second {
			t.Errorf("a duplicate came after %v", d)
		}
	}
	checkAllCame(t, w.receiver.ids(t), ids)
}

// A duplicate that fails is not tried again: nobody waits for it.
func TestFailedDuplicateIsForgotten(t *testing.T) {
	w := newWorld(t, func(c *dtcloud.Config) { c.Faults.Duplicate = 1 })
	var once sync.Once
	w.receiver.answer = func(*http.Request, []byte) (status int) {
		status = http.StatusInternalServerError
		once.Do(func() { status = http.StatusOK })
		return status
	}
	w.touch(t, 1)
	w.deliverAll(t)
	w.checkStats(t, dtcloud.Stats{Sent: 1, Delivered: 1, Attempts: 2, Duplicates: 1})
}

func TestReorder(t *testing.T) {
	w := newWorld(t, func(c *dtcloud.Config) { c.Concurrency = 1 })
	ids := w.touch(t, 100)
	w.deliverAll(t)
	if got := w.receiver.ids(t); !slices.Equal(got, ids) {
		t.Error("out of order without a fault")
	}
	if err := w.SetFaults(dtcloud.Faults{Reorder: 0.2}); err != nil {
		t.Fatal(err)
	}
	ids = w.touch(t, 1000)
	w.deliverAll(t)
	got := w.receiver.ids(t)[100:]
	place := make(map[string]int)
	for i, id := range got {
		place[id] = i
	}
	overtaken := int64(0)
	for i, id := range ids[:len(ids)-1] {
		if place[ids[i+1]] < place[id] {
			overtaken++
		}
	}
	// An event is overtaken by the next one if it is held back and the next is
	// not, or is for a shorter time.
	if !near(overtaken, 1000, 0.2*(0.8+0.2/2)) {
		t.Errorf("%d of 1000 were overtaken by the next one", overtaken)
	}
	checkAllCame(t, got, ids)
}

func TestDelay(t *testing.T) {
	w := newWorld(t, func(c *dtcloud.Config) { c.Faults.Delay = time.Minute })
	w.touch(t, 10)
	w.pass(t, 59*time.Second)
	if n := len(w.receiver.received()); n != 0 {
		t.Errorf("%d came too early", n)
	}
	w.deliverAll(t)
	if passed := w.clock.Now().Sub(start); passed != time.Minute {
		t.Errorf("delivered after %v", passed)
	}
	w.checkStats(t, dtcloud.Stats{Sent: 10, Delivered: 10, Attempts: 10})
}

// What is corrupted must never verify, and what is not always must.
func TestCorruption(t *testing.T) {
	for name, faults := range map[string]dtcloud.Faults{
		"signature": {CorruptSignature: 0.2},
		"body":      {CorruptBody: 0.2},
		"both":      {CorruptSignature: 0.1, CorruptBody: 0.1},
	} {
		t.Run(name, func(t *testing.T) {
			var mu sync.Mutex
			wrong := 0
			w, server := newServedWorld(t, func(c *dtcloud.Config) {
				c.Faults = faults
				c.Observe = func(a dtcloud.Attempt) {
					mu.Lock()
					defer mu.Unlock()
					if a.Corrupted == a.Acknowledged {
						wrong++
					}
				}
			})
			_, err := w.UpdateConnector(w.connector, func(c *dtcloud.Connector) { c.HTTPConfig.SignatureSecret = "s3cret" })
			if err != nil {
				t.Fatal(err)
			}
			verifiers := newVerifiers(t, w, server.Client())
			w.receiver.answer = func(request *http.Request, body []byte) int {
				passed := 0
				for _, v := range verifiers {
					if _, err := v.Verify(request.Context(), request.Header, body); err == nil {
						passed++
					}
				}
				switch passed {
				case len(verifiers):
					return http.StatusOK
				case 0:
					return http.StatusUnauthorized
				}
				t.Errorf("%d of %d signatures were good", passed, len(verifiers))
				return http.StatusUnauthorized
			}
			w.touch(t, 500)
			w.deliverAll(t)
			s := w.Stats()
			if wrong > 0 || s.Delivered != 500 || s.Retried != s.Corrupted || !near(s.Corrupted, int(s.Attempts), 0.2) {
				t.Errorf("%d wrong; %v", wrong, s)
			}
		})
	}
}

// newVerifiers returns one for each scheme.
func newVerifiers(t *testing.T, w *world, client *http.Client) []*signature.Verifier {
	t.Helper()
	keys, err := signature.NewKeySet(w.Issuer(), client, w.clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	var verifiers []*signature.Verifier
	for _, c := range []signature.Config{
		{Secrets: signature.StaticSecrets("s3cret"), Now: w.clock.Now},
		{Organization: w.Organization(), Issuer: w.Issuer(), Keys: keys, Now: w.clock.Now},
	} {
		v, err := signature.NewVerifier(c)
		if err != nil {
			t.Fatal(err)
		}
		verifiers = append(verifiers, v)
	}
	return verifiers
}

// A corrupt body differs from the signed one in a single bit.
func TestCorruptBody(t *testing.T) {
	bodies := func(faults dtcloud.Faults) [][]byte {
		w := newWorld(t, func(c *dtcloud.Config) { c.Concurrency, c.Faults = 1, faults })
		w.touch(t, 50)
		w.deliverAll(t)
		return w.receiver.received()
	}
	clean, corrupt := bodies(dtcloud.Faults{}), bodies(dtcloud.Faults{CorruptBody: 1})
	if len(clean) != 50 || len(corrupt) != 50 {
		t.Fatalf("%d and %d bodies", len(clean), len(corrupt))
	}
	for i := range clean {
		wrong := len(clean[i]) - len(corrupt[i])
		for j := range min(len(clean[i]), len(corrupt[i])) {
			wrong += bits.OnesCount8(clean[i][j] ^ corrupt[i][j])
		}
		if wrong != 1 {
			t.Errorf("%d bits differ: %s", wrong, corrupt[i])
		}
	}
}

// What befalls an event does not depend on how many are sent at a time.
func TestFaultsFollowFromTheSeed(t *testing.T) {
	run := func(seed uint64, concurrency int) dtcloud.Stats {
		w := newWorld(t, func(c *dtcloud.Config) {
			c.Seed, c.Concurrency = seed, concurrency
			c.Faults = dtcloud.Faults{DropAnswer: 0.1, Duplicate: 0.1, Reorder: 0.1, CorruptBody: 0.1}
		})
		w.touch(t, 500)
		w.deliverAll(t)
		return w.Stats()
	}
	first, again, other := run(3, 1), run(3, 16), run(4, 1)
	if first != again {
		t.Errorf("one seed, two fates:\n%v\n%v", first, again)
	}
	if first == other {
		t.Errorf("two seeds, one fate: %v", first)
	}
}

func TestBadFaults(t *testing.T) {
	w := newWorld(t, nil)
	good := dtcloud.Faults{Duplicate: 0.5}
	if err := w.SetFaults(good); err != nil {
		t.Fatal(err)
	}
	for name, faults := range map[string]dtcloud.Faults{
		"DropAnswer":       {DropAnswer: -0.1},
		"Duplicate":        {Duplicate: 1.1},
		"Reorder":          {Reorder: math.NaN()},
		"CorruptSignature": {CorruptSignature: 2},
		"CorruptBody":      {CorruptBody: -1},
		"Delay":            {Delay: -1},
	} {
		if err := w.SetFaults(faults); !errors.Is(err, dtcloud.ErrInvalid) || !strings.Contains(err.Error(), "Faults."+name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := w.Faults(); got != good {
		t.Errorf("faults are %+v", got)
	}
}
