package receive_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dt-functions/dt-functions/functions/receive"
	"github.com/dt-functions/dt-functions/shared/event"
	"github.com/dt-functions/dt-functions/shared/filter"
	"github.com/dt-functions/dt-functions/shared/handling"
	"github.com/dt-functions/dt-functions/shared/signature"
	"github.com/dt-functions/dt-functions/shared/sink"
	"github.com/dt-functions/dt-functions/shared/telemetry"
)

const (
	testSecret = "test-secret"
	testClock  = 1700000060
	testBody   = `{"event":{"eventId":"c82gg9catj3vmh420001","targetName":"projects/c14u9p094l47cdv1o3pg/devices/emuc17m6d7lq0bgk44smcqg","eventType":"temperature","data":{"temperature":{"value":24.9}},"timestamp":"2023-11-14T22:13:20.000000Z"},"labels":{"name":"Fridge 3"},"metadata":{"deviceId":"emuc17m6d7lq0bgk44smcqg","projectId":"c14u9p094l47cdv1o3pg","deviceType":"temperature","productNumber":""}}`
)

func at(unix int64) func() time.Time {
	return func() time.Time { return time.Unix(unix, 0) }
}

// A memory is a sink in memory that can be told to misbehave.
type memory struct {
	mu       sync.Mutex
	messages []sink.Message
	ids      map[string]bool
	publish  func(ctx context.Context) error // asked first; nil means fine
}

func (m *memory) Publish(ctx context.Context, messages []sink.Message) (sink.Result, error) {
	if m.publish != nil {
		if err := m.publish(ctx); err != nil {
			return sink.Result{}, err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var result sink.Result
	for _, message := range messages {
		if m.ids[message.ID] {
			result.Duplicates++
			continue
		}
		if m.ids == nil {
			m.ids = make(map[string]bool)
		}
		m.ids[message.ID] = true
		message.Data = bytes.Clone(message.Data)
		m.messages = append(m.messages, message)
	}
	return result, nil
}

func (m *memory) Close() error { return nil }

// A recorder keeps what the observer is told.
type recorder struct {
	mu       sync.Mutex
	receipts []telemetry.Receipt
}

func (r *recorder) Received(_ context.Context, receipt telemetry.Receipt) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.receipts = append(r.receipts, receipt)
}

func (r *recorder) last(t *testing.T) telemetry.Receipt {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.receipts) == 0 {
		t.Fatal("the observer was told nothing")
	}
	return r.receipts[len(r.receipts)-1]
}

func verifier(t testing.TB, secret string, clock int64) *signature.Verifier {
	t.Helper()
	v, err := signature.NewVerifier(signature.Config{Secrets: signature.StaticSecrets(secret), Now: at(clock)})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func function(t testing.TB, c receive.Config) *receive.Function {
	t.Helper()
	if c.Verifier == nil {
		c.Verifier = verifier(t, testSecret, testClock)
	}
	f, err := receive.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// signed is a request as DT sends it.
func signed(t testing.TB, body string) receive.Request {
	t.Helper()
	signer, err := signature.NewSigner([]byte(testSecret), signature.WithSignerClock(at(testClock)))
	if err != nil {
		t.Fatal(err)
	}
	token, err := signer.Sign([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return receive.Request{Method: "POST", Path: "/", Header: map[string][]string{"x-dt-signature": {token}}, Body: []byte(body)}
}

func TestAccepted(t *testing.T) {
	store, observed := &memory{}, &recorder{}
	f := function(t, receive.Config{Observer: observed, Handler: handling.Handler{Sink: store}})
	answer := f.Handle(t.Context(), signed(t, testBody))
	if answer.Status != 200 || answer.Outcome != receive.Accepted {
		t.Fatalf("got %d %s %s", answer.Status, answer.Outcome, answer.Body)
	}
	if want := `{"outcome":"accepted","eventId":"c82gg9catj3vmh420001"}`; string(answer.Body) != want {
		t.Errorf("body %s, want %s", answer.Body, want)
	}
	if len(store.messages) != 1 {
		t.Fatalf("%d messages stored", len(store.messages))
	}
	m := store.messages[0]
	want := sink.Attributes{EventType: "temperature", DeviceType: "temperature", ProjectID: "c14u9p094l47cdv1o3pg"}
	if m.ID != "c82gg9catj3vmh420001" || m.Key != "emuc17m6d7lq0bgk44smcqg" || m.Attributes != want {
		t.Errorf("message %+v", m)
	}
	if !strings.HasSuffix(string(m.Data), `"data":`+testBody+`}`) {
		t.Errorf("data %s", m.Data)
	}
	got := observed.last(t)
	if got.Outcome != "accepted" || got.Reason != "" || got.Status != 200 || got.Bytes != len(testBody) ||
		got.EventID != m.ID || got.EventType != "temperature" || got.DeviceID != m.Key || got.Err != nil {
		t.Errorf("observed %+v", got)
	}
}

// The tokens that DT Cloud itself signed, through the whole function.
func TestRealRequests(t *testing.T) {
	var file struct {
		Vectors []struct {
			ID         string `json:"id"`
			HeaderName string `json:"header_name"`
			Token      string `json:"token"`
			Secret     string `json:"secret"`
			Body       []byte `json:"body_base64"`
			ValidClock int64  `json:"valid_clock"`
		} `json:"vectors"`
	}
	readJSON(t, "signed_real.json", &file)
	if len(file.Vectors) != 2 {
		t.Fatalf("%d vectors, want 2", len(file.Vectors))
	}
	for _, v := range file.Vectors {
		t.Run(v.ID, func(t *testing.T) {
			store := &memory{}
			verifier, err := signature.NewVerifier(signature.Config{
				Secrets: signature.StaticSecrets(v.Secret), AllowSHA1: true, Now: at(v.ValidClock),
			})
			if err != nil {
				t.Fatal(err)
			}
			f := function(t, receive.Config{Verifier: verifier, Handler: handling.Handler{Sink: store, Encoding: event.RawBody}})
			answer := f.Handle(t.Context(), receive.Request{Method: "POST", Header: map[string][]string{v.HeaderName: {v.Token}}, Body: v.Body})
			if answer.Outcome != receive.Accepted {
				t.Fatalf("got %s", answer.Body)
			}
			if len(store.messages) != 1 || !bytes.Equal(store.messages[0].Data, v.Body) {
				t.Errorf("stored %+v", store.messages)
			}
		})
	}
}

func TestSyntheticVectors(t *testing.T) {
	var file struct {
		Vectors []struct {
			ID     string `json:"id"`
			Token  string `json:"token"`
			Secret string `json:"secret"`
			Clock  int64  `json:"clock"`
			Body   []byte `json:"body_base64"`
			Expect string `json:"expect"`
		} `json:"vectors"`
	}
	readJSON(t, "signed_synthetic.json", &file)
	if len(file.Vectors) < 20 {
		t.Fatalf("only %d vectors", len(file.Vectors))
	}
	for _, v := range file.Vectors {
		t.Run(v.ID, func(t *testing.T) {
			store := &memory{}
			f := function(t, receive.Config{Verifier: verifier(t, v.Secret, v.Clock), Handler: handling.Handler{Sink: store}})
			answer := f.Handle(t.Context(), receive.Request{Method: "POST", Header: map[string][]string{"X-Dt-Signature": {v.Token}}, Body: v.Body})
			accepted := answer.Status == 200 && answer.Outcome == receive.Accepted && len(store.messages) == 1
			refused := answer.Status == 401 && answer.Outcome == receive.Unauthorized && len(store.messages) == 0
			switch {
			case strings.HasPrefix(v.Expect, "accept") && !accepted,
				strings.HasPrefix(v.Expect, "reject") && !refused,
				!accepted && !refused:
				t.Errorf("expect %q, got %d %s, %d stored", v.Expect, answer.Status, answer.Body, len(store.messages))
			}
		})
	}
}

func TestAsymmetricVectors(t *testing.T) {
	var file struct {
		Body         []byte          `json:"body_base64"`
		Organization string          `json:"org_id"`
		JWKS         json.RawMessage `json:"jwks"`
		Vectors      []struct {
			ID     string `json:"id"`
			Token  string `json:"token"`
			Clock  int64  `json:"clock"`
			Expect string `json:"expect"`
		} `json:"vectors"`
	}
	readJSON(t, "asymmetric_synthetic.json", &file)
	keys, err := signature.ParseKeys(file.JWKS)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range file.Vectors {
		t.Run(v.ID, func(t *testing.T) {
			verifier, err := signature.NewVerifier(signature.Config{Organization: file.Organization, Keys: keys, Now: at(v.Clock)})
			if err != nil {
				t.Fatal(err)
			}
			store := &memory{}
			f := function(t, receive.Config{Verifier: verifier, Handler: handling.Handler{Sink: store}})
			answer := f.Handle(t.Context(), receive.Request{Method: "POST", Header: map[string][]string{"dt-asymmetric-signature": {v.Token}}, Body: file.Body})
			want := map[string]int{"accept": 200, "reject": 401}[v.Expect]
			if answer.Status != want || len(store.messages) != map[string]int{"accept": 1}[v.Expect] {
				t.Errorf("expect %q, got %d %s", v.Expect, answer.Status, answer.Body)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	good := signed(t, testBody)
	with := func(change func(*receive.Request)) receive.Request {
		r := good
		r.Header = map[string][]string{"x-dt-signature": good.Header["x-dt-signature"]}
		change(&r)
		return r
	}
	tests := []struct {
		name    string
		request receive.Request
		status  int
		outcome receive.Outcome
		reason  string
	}{
		{"GET", with(func(r *receive.Request) { r.Method = "GET" }), 405, receive.BadMethod, "method"},
		{"no method", with(func(r *receive.Request) { r.Method = "" }), 405, receive.BadMethod, "method"},
		{"another path", with(func(r *receive.Request) { r.Path = "/admin" }), 404, receive.BadPath, "path"},
		{"gzip", with(func(r *receive.Request) { r.Header["content-encoding"] = []string{"gzip"} }), 415, receive.Unsupported, "content-encoding"},
		{"identity, then br", with(func(r *receive.Request) { r.Header["Content-Encoding"] = []string{"identity", "br"} }), 415, receive.Unsupported, "content-encoding"},
		{"one byte too many", with(func(r *receive.Request) { r.Body = make([]byte, receive.MaxBody+1) }), 413, receive.TooLarge, "too-large"},
		{"too large, not read", with(func(r *receive.Request) { r.Body, r.BodyError = nil, receive.ErrBodyTooLarge }), 413, receive.TooLarge, "too-large"},
		{"not whole", with(func(r *receive.Request) { r.Body, r.BodyError = nil, errors.New("gone") }), 400, receive.Unreadable, "incomplete"},
		{"not in time", with(func(r *receive.Request) { r.Body, r.BodyError = nil, receive.ErrBodyTimeout }), 408, receive.Unreadable, "timeout"},
		{"overloaded", with(func(r *receive.Request) { r.Body, r.BodyError = nil, receive.ErrOverloaded }), 503, receive.Retry, "overloaded"},
		{"a platform that changes text", with(func(r *receive.Request) { r.Body, r.BodyError = nil, receive.ErrContentType }), 415, receive.Unsupported, "content-type"},
		{"a platform that changes bodies", with(func(r *receive.Request) { r.Body, r.BodyError = nil, fmt.Errorf("%w: set raw", receive.ErrBodyInexact) }), 500, receive.Failed, "body-inexact"},
		{"no signature", with(func(r *receive.Request) { r.Header = nil }), 401, receive.Unauthorized, "signature-missing"},
		{"two signatures", with(func(r *receive.Request) { r.Header["X-DT-SIGNATURE"] = []string{"a.b.c"} }), 401, receive.Unauthorized, "signature-repeated"},
		{"a token of 1 MB", with(func(r *receive.Request) { r.Header["x-dt-signature"] = []string{strings.Repeat("e", 1<<20)} }), 401, receive.Unauthorized, "token-too-long"},
		{"1000 dots", with(func(r *receive.Request) { r.Header["x-dt-signature"] = []string{strings.Repeat(".", 1000)} }), 401, receive.Unauthorized, "token-malformed"},
		{"no body", with(func(r *receive.Request) { r.Body = nil }), 401, receive.Unauthorized, "checksum-wrong"},
		{"another byte", with(func(r *receive.Request) { r.Body = []byte(strings.Replace(testBody, "24.9", "24.8", 1)) }), 401, receive.Unauthorized, "checksum-wrong"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			store, observed := &memory{}, &recorder{}
			f := function(t, receive.Config{Path: "/", Observer: observed, Handler: handling.Handler{Sink: store}})
			answer := f.Handle(t.Context(), test.request)
			if answer.Status != test.status || answer.Outcome != test.outcome || answer.Reason != test.reason {
				t.Errorf("got %d %s %s", answer.Status, answer.Outcome, answer.Reason)
			}
			if want := fmt.Sprintf(`{"outcome":%q,"reason":%q}`, test.outcome, test.reason); string(answer.Body) != want {
				t.Errorf("body %s, want %s", answer.Body, want)
			}
			if answer.Header["Content-Type"] != "application/json" || (answer.Header["Allow"] == "POST") != (test.status == 405) || (answer.Header["Retry-After"] != "") != (test.status == 503) {
				t.Errorf("headers %v", answer.Header)
			}
			if len(store.messages) != 0 {
				t.Error("something was stored that was not verified")
			}
			if got := observed.last(t); got.Outcome != string(test.outcome) || got.Reason != test.reason || got.Status != test.status {
				t.Errorf("observed %+v", got)
			}
		})
	}
}

func TestFiltered(t *testing.T) {
	only, err := filter.New(filter.Config{EventTypes: []string{event.TypeTouch}})
	if err != nil {
		t.Fatal(err)
	}
	store := &memory{}
	answer := function(t, receive.Config{Handler: handling.Handler{Sink: store, Filter: only}}).Handle(t.Context(), signed(t, testBody))
	if answer.Status != 200 || answer.Outcome != receive.Filtered || answer.Reason != "event-type" || len(store.messages) != 0 {
		t.Errorf("got %d %s, %d stored", answer.Status, answer.Body, len(store.messages))
	}
}

func TestDuplicate(t *testing.T) {
	f := function(t, receive.Config{Handler: handling.Handler{Sink: &memory{}}})
	for i, want := range []receive.Outcome{receive.Accepted, receive.Duplicate, receive.Duplicate} {
		if answer := f.Handle(t.Context(), signed(t, testBody)); answer.Outcome != want || answer.Status != 200 {
			t.Errorf("time %d: %d %s", i+1, answer.Status, answer.Body)
		}
	}
}

// Authentic bodies that are no events: nothing of them is lost.
func TestDeadLetter(t *testing.T) {
	bodies := map[string]struct{ body, reason string }{
		"empty":        {"", "syntax"},
		"not JSON":     {"hello\n", "syntax"},
		"not UTF-8":    {"{\"x\":\"\xff\"}", "syntax"},
		"a name twice": {strings.Replace(testBody, `"labels":`, `"event":{},"labels":`, 1), "syntax"},
		"very deep":    {`{"event":` + strings.Repeat("[", 1<<19), "envelope"},
		"not an event": {`{"hello":"world"}`, "envelope"},
		"1 MiB":        {strings.Repeat(" ", receive.MaxBody), "syntax"},
	}
	for name, c := range bodies {
		t.Run(name, func(t *testing.T) {
			main, dead := &memory{}, &memory{}
			for i, want := range []*memory{dead, main} {
				config := receive.Config{Handler: handling.Handler{Sink: main}}
				if i == 0 {
					config.Handler.DeadLetter = dead
				}
				observed := &recorder{}
				config.Observer = observed
				answer := function(t, config).Handle(t.Context(), signed(t, c.body))
				if answer.Status != 200 || answer.Outcome != receive.DeadLettered || answer.Reason != c.reason {
					t.Fatalf("got %d %s", answer.Status, answer.Body)
				}
				if len(want.messages) != 1 {
					t.Fatalf("%d dead letters", len(want.messages))
				}
				m := want.messages[0]
				if m.Attributes.DeadLetter != c.reason || len(m.ID) != 64 {
					t.Errorf("message %+v", m.Attributes)
				}
				data := m.Data
				if i == 1 { // in the main sink, in its encoding
					var ce struct {
						DeadLetter string `json:"deadletter"`
						Data       []byte `json:"data_base64"`
					}
					if err := json.Unmarshal(data, &ce); err != nil || ce.DeadLetter != c.reason {
						t.Fatalf("%v in %.100s", err, data)
					}
					data = ce.Data
				}
				if string(data) != c.body {
					t.Errorf("the bytes are not the body")
				}
				if observed.last(t).Err == nil {
					t.Error("the cause was not observed")
				}
			}
		})
	}
}

func TestTooLargeForTheSink(t *testing.T) {
	tooLarge := func(context.Context) error { return fmt.Errorf("queue: %w", sink.ErrTooLarge) }
	dead := &memory{}
	answer := function(t, receive.Config{Handler: handling.Handler{Sink: &memory{publish: tooLarge}, DeadLetter: dead}}).Handle(t.Context(), signed(t, testBody))
	if answer.Outcome != receive.DeadLettered || answer.Reason != receive.ReasonTooLargeForSink || len(dead.messages) != 1 || string(dead.messages[0].Data) != testBody {
		t.Errorf("got %d %s, %+v", answer.Status, answer.Body, dead.messages)
	}
	// With nowhere else to put it, it stays with DT.
	answer = function(t, receive.Config{Handler: handling.Handler{Sink: &memory{publish: tooLarge}}}).Handle(t.Context(), signed(t, testBody))
	if answer.Status != 503 {
		t.Errorf("no dead-letter sink: got %d %s", answer.Status, answer.Body)
	}
}

func TestSinkFails(t *testing.T) {
	const inside = "password=hunter2"
	broken := &memory{publish: func(context.Context) error { return errors.New(inside) }}
	for name, body := range map[string]string{"event": testBody, "dead letter": "hello"} {
		observed := &recorder{}
		answer := function(t, receive.Config{Observer: observed, Handler: handling.Handler{Sink: broken}}).Handle(t.Context(), signed(t, body))
		if answer.Status != 503 || answer.Outcome != receive.Retry || answer.Header["Retry-After"] == "" || answer.Reason != "sink" {
			t.Errorf("%s: got %d %s", name, answer.Status, answer.Body)
		}
		if bytes.Contains(answer.Body, []byte(inside)) {
			t.Errorf("%s: the answer tells the sink's error", name)
		}
		if got := observed.last(t).Err; got == nil || got.Error() != inside {
			t.Errorf("%s: observed %v", name, got)
		}
	}
}

// The function answers within its budget, however long the sink takes.
func TestSlowSink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := &memory{publish: func(ctx context.Context) error {
			<-ctx.Done()
			return ctx.Err()
		}}
		start := time.Now() // fake time
		answer := function(t, receive.Config{Handler: handling.Handler{Sink: slow}}).Handle(t.Context(), signed(t, testBody))
		if took := time.Since(start); answer.Status != 503 || took != receive.Budget {
			t.Errorf("got %d after %v", answer.Status, took)
		}
	})
}

func TestPanic(t *testing.T) {
	observed := &recorder{}
	f := function(t, receive.Config{Observer: observed, Handler: handling.Handler{Sink: &memory{publish: func(context.Context) error { panic("marker") }}}})
	answer := f.Handle(t.Context(), signed(t, testBody))
	if answer.Status != 500 || answer.Outcome != receive.Failed || bytes.Contains(answer.Body, []byte("marker")) {
		t.Errorf("got %d %s", answer.Status, answer.Body)
	}
	if got := observed.last(t); got.Err == nil || !strings.Contains(got.Err.Error(), "marker") || !strings.Contains(got.Err.Error(), "receive_test.go") {
		t.Errorf("observed %v, want the panic and its stack", got.Err)
	}
}

// An issuer that is out of reach is no reason to refuse an event for good.
func TestKeysUnavailable(t *testing.T) {
	keys, err := signature.NewKeySet("http://127.0.0.1:1/none", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	v, err := signature.NewVerifier(signature.Config{Organization: "o", Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	const header = "eyJhbGciOiJFUzI1NiIsImtpZCI6ImsxIiwidHlwIjoiSldUIn0" // ES256, k1
	answer := function(t, receive.Config{Verifier: v, Handler: handling.Handler{Sink: &memory{}}}).Handle(t.Context(), receive.Request{
		Method: "POST", Header: map[string][]string{"DT-Asymmetric-Signature": {header + ".e30.AAAA"}},
	})
	if answer.Status != 503 || answer.Reason != "keys-unavailable" {
		t.Errorf("got %d %s", answer.Status, answer.Body)
	}
}

func TestNewRequiresItsParts(t *testing.T) {
	if _, err := receive.New(receive.Config{Handler: handling.Handler{Sink: &memory{}}}); err == nil {
		t.Error("no verifier: accepted")
	}
	if _, err := receive.New(receive.Config{Verifier: verifier(t, "s", 0)}); err == nil {
		t.Error("no sink: accepted")
	}
}

func readJSON(t testing.TB, name string, into any) {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatal(err)
	}
}
