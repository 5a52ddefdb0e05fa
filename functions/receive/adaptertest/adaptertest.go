// Package adaptertest has the requests that every adapter answers alike, and the
// answers. An adapter passes them as the program that is deployed, running as a
// process of its own behind a stand-in for its platform.
package adaptertest

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/functions/receive"
)

// A Request is what a Data Connector, or somebody else, sends. The platform's
// stand-in puts it into the platform's own form.
type Request struct {
	Method string
	// Path is "" for the connector's own, whatever that is on the platform.
	Path string
	// Header holds names and values, in order; names may come twice.
	Header [][2]string
	Body   []byte
	// Chunked says that the length of the body is not told beforehand.
	Chunked bool
}

// A Response is what the sender gets back.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// A Target is a program that runs.
type Target interface {
	// Do sends a request, the way the platform hands it over. It may be called by
	// many goroutines at a time, unless the platform lacks Concurrency.
	Do(ctx context.Context, r Request) (Response, error)
}

// A Start says how a program is started.
type Start struct {
	// Env is added to what the platform itself sets.
	Env map[string]string
	// Faulty asks for a build of the same program that has PanicSink besides, under
	// the scheme "panic".
	Faulty bool
}

// A Feature is something that not every platform can carry.
type Feature string

// The features.
const (
	Chunked        Feature = "chunked bodies"
	RepeatedHeader Feature = "headers that come twice"
	Paths          Feature = "paths other than the connector's"
	Methods        Feature = "methods other than POST"
	AnyBytes       Feature = "bodies that are not text"
	OtherTypes     Feature = "content types other than JSON"
	LargeBody      Feature = "bodies of 1 MiB"
	TooLargeBody   Feature = "bodies of more than 1 MiB"
	EmptyBody      Feature = "empty bodies with a signature"
	LongHeader     Feature = "headers of 9 KiB"
	Concurrency    Feature = "many requests at a time"
)

// A Platform is an adapter with what stands in for its platform.
type Platform struct {
	Name string
	// Start starts the program; it ends with the test.
	Start func(t *testing.T, s Start) Target
	// Lacks says what the platform by its nature cannot carry, and why. Such requests
	// are not sent, and shown as what they are.
	Lacks map[Feature]string
}

// Run runs all cases and, where the environment variable DTFN_ADAPTER_TABLE names a
// directory, writes their results there, for Table.
func Run(t *testing.T, p Platform) {
	column := newColumn(p.Name)
	worlds := make(map[worldName]*world)
	for _, c := range Cases() {
		if reason, lacks := p.lacks(c); lacks {
			column.add(c.Name, "— "+reason)
			continue
		}
		w := worlds[c.world]
		if w == nil {
			w = newWorld(t, p, c.world)
			worlds[c.world] = w
		}
		if t.Run(c.Name, func(t *testing.T) { w.check(t, c) }) {
			column.add(c.Name, c.answer())
		} else {
			column.add(c.Name, "FAILED")
		}
	}
	if err := column.write(); err != nil {
		t.Error(err)
	}
}

func (p Platform) lacks(c Case) (reason string, lacks bool) {
	for _, f := range c.Needs {
		if reason, lacks := p.Lacks[f]; lacks {
			return reason, true
		}
	}
	return "", false
}

// check sends a case's request and looks at the answer and at the sinks.
func (w *world) check(t *testing.T, c Case) {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	m := w.newMaterial(t)
	request := c.request(m)
	before := w.sinks(t)
	got, err := w.target.Do(ctx, request)
	if err != nil {
		t.Fatalf("no answer: %v", err)
	}
	c.checkAnswer(t, request, got)
	after := w.sinks(t)
	wantMain, wantDead := before.main, before.dead
	switch c.kept {
	case inMain:
		wantMain++
	case inDead:
		wantDead++
	}
	if after.main != wantMain || after.dead != wantDead {
		t.Errorf("the sink has %d more events and %d more dead letters", after.main-before.main, after.dead-before.dead)
	}
	if c.kept == inMain && !strings.Contains(after.last, m.id) {
		t.Errorf("event %s is not what came last in the sink: %s", m.id, after.last)
	}
	if c.after != nil {
		c.after(t, ctx, w)
	}
}

func (c Case) checkAnswer(t *testing.T, r Request, got Response) {
	t.Helper()
	if got.Status != c.Status {
		t.Errorf("status %d, want %d: %s", got.Status, c.Status, got.Body)
	}
	if c.Status == http.StatusServiceUnavailable && got.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	if r.Method == http.MethodHead {
		return // has no body
	}
	if ct := got.Header.Get("Content-Type"); !strings.HasPrefix(ct, "application/json") {
		t.Errorf("content type %q", ct)
	}
	var answer struct {
		Outcome receive.Outcome
		Reason  string
	}
	if err := json.Unmarshal(got.Body, &answer); err != nil {
		t.Fatalf("%v: %q", err, got.Body)
	}
	if answer.Outcome != c.Outcome || answer.Reason != c.Reason {
		t.Errorf("answered %q, %q, want %q, %q", answer.Outcome, answer.Reason, c.Outcome, c.Reason)
	}
	if strings.Contains(string(got.Body), secretMark) {
		t.Errorf("the answer has a secret in it: %s", got.Body)
	}
}
