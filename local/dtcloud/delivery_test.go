package dtcloud_test

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/dt-functions/dt-functions/local/dtcloud"
	"github.com/dt-functions/dt-functions/shared/event"
	"github.com/dt-functions/dt-functions/shared/signature"
)

// newServedWorld returns a world whose keys are served at the server's address.
func newServedWorld(t testing.TB, change func(*dtcloud.Config)) (*world, *httptest.Server) {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	w := newWorld(t, func(c *dtcloud.Config) {
		c.BaseURL = "http://" + server.Listener.Addr().String()
		if change != nil {
			change(c)
		}
	})
	server.Config.Handler = w.Handler()
	server.Start()
	t.Cleanup(server.Close)
	return w, server
}

// golang-jwt, not this project's verifier, reads the tokens.
func TestSignatures(t *testing.T) {
	const secret = "test-secret"
	w, server := newServedWorld(t, func(c *dtcloud.Config) { c.Organization = "cvinmt9aq9sc738g6eog" })
	connector := w.addConnector(t, dtcloud.Connector{HTTPConfig: dtcloud.HTTPConfig{
		URL:             "https://receiver.example/signed",
		SignatureSecret: secret,
		Headers:         map[string]string{"some-header": "abc123", "content-type": "text/json"},
	}})
	w.touch(t, 1)
	w.deliverAll(t)
	if got, err := w.ConnectorStats(connector); err != nil || got.Delivered != 1 {
		t.Fatalf("%v, %v", got, err)
	}
	i := slices.IndexFunc(w.receiver.headers, func(h http.Header) bool { return h.Get("Some-Header") == "abc123" })
	if i < 0 {
		t.Fatalf("no request with the custom header: %v", w.receiver.headers)
	}
	header, body := w.receiver.headers[i], w.receiver.bodies[i]
	if header.Get("Content-Type") != "text/json" {
		t.Errorf("Content-Type %q", header.Get("Content-Type"))
	}
	legacy, sum := sha1.Sum(body), sha256.Sum256(body)
	parse := func(name string, key jwt.Keyfunc, method string) jwt.MapClaims {
		t.Helper()
		claims := jwt.MapClaims{}
		_, err := jwt.ParseWithClaims(header.Get(name), claims, key,
			jwt.WithValidMethods([]string{method}), jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithTimeFunc(w.clock.Now))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if claims["checksum_sha256"] != hex.EncodeToString(sum[:]) {
			t.Errorf("%s: checksum_sha256 %v", name, claims["checksum_sha256"])
		}
		if claims["iat"] != float64(start.Unix()) || claims["exp"] != float64(start.Unix()+3600) {
			t.Errorf("%s: iat %v, exp %v", name, claims["iat"], claims["exp"])
		}
		if claims["jti"] == eventID(body) || claims["jti"] == nil {
			t.Errorf("%s: jti %v", name, claims["jti"])
		}
		return claims
	}
	symmetric := parse(signature.HeaderSymmetric, func(*jwt.Token) (any, error) { return []byte(secret), nil }, "HS256")
	if symmetric["checksum"] != hex.EncodeToString(legacy[:]) {
		t.Errorf("checksum %v", symmetric["checksum"])
	}
	asymmetric := parse(signature.HeaderAsymmetric, func(token *jwt.Token) (any, error) {
		keys, err := signature.NewKeySet(w.Issuer(), server.Client(), w.clock.Now)
		if err != nil {
			return nil, err
		}
		id, _ := token.Header["kid"].(string)
		return keys.Key(t.Context(), id)
	}, "ES256")
	if asymmetric["iss"] != server.URL+"/data-connector" || asymmetric["sub"] != "cvinmt9aq9sc738g6eog" {
		t.Errorf("asymmetric claims %v", asymmetric)
	}
}

func TestHeadersOfUnsignedConnector(t *testing.T) {
	w := newWorld(t, nil)
	w.touch(t, 1)
	w.deliverAll(t)
	header := w.receiver.headers[0]
	if _, ok := header[signature.HeaderSymmetric]; ok || header.Get(signature.HeaderAsymmetric) != "" {
		t.Errorf("signed without a key: %v", header)
	}
	if header.Get("Content-Type") != "application/json" {
		t.Errorf("headers %v", header)
	}
}

// Each attempt is signed anew, with the time and the secret of that moment.
func TestEachAttemptIsSignedAnew(t *testing.T) {
	w := newWorld(t, nil)
	w.receiver.answer = failing(8)
	_, err := w.UpdateConnector(w.connector, func(c *dtcloud.Connector) { c.HTTPConfig.SignatureSecret = "first" })
	if err != nil {
		t.Fatal(err)
	}
	w.touch(t, 1)
	w.pass(t, 30*time.Second)
	before := len(w.receiver.headers)
	_, err = w.UpdateConnector(w.connector, func(c *dtcloud.Connector) { c.HTTPConfig.SignatureSecret = "second" })
	if err != nil {
		t.Fatal(err)
	}
	w.deliverAll(t)
	tokens := make(map[string]bool)
	var last float64
	for i, header := range w.receiver.headers {
		token := header.Get(signature.HeaderSymmetric)
		tokens[token] = true
		secret := "first"
		if i >= before {
			secret = "second"
		}
		claims := jwt.MapClaims{}
		_, err := jwt.ParseWithClaims(token, claims, func(*jwt.Token) (any, error) { return []byte(secret), nil }, jwt.WithoutClaimsValidation())
		if err != nil {
			t.Errorf("attempt %d with %s: %v", i+1, secret, err)
		}
		if iat, _ := claims["iat"].(float64); iat < last {
			t.Errorf("attempt %d: iat %v after %v", i+1, iat, last)
		} else {
			last = iat
		}
	}
	if len(tokens) != 9 || before == 0 || before == 9 || last <= float64(start.Unix()) {
		t.Errorf("%d tokens, %d before the change, the last of %v", len(tokens), before, last)
	}
}

func TestFilterAndLabels(t *testing.T) {
	w := newWorld(t, nil)
	w.addDevice(t, dtcloud.DeviceSpec{Type: event.DeviceTouch, Emulated: true})
	device := w.addDevice(t, dtcloud.DeviceSpec{
		Type: event.DeviceTouch, Emulated: true, ProductNumber: "100110",
		Labels: map[string]string{"name": `The "blue" door`, "floor": "2", "note": ""},
	})
	only := w.addConnector(t, dtcloud.Connector{
		Events: []string{event.TypeTouch, event.TypeContact},
		Labels: []string{"note", "name", "absent"},
	})
	for _, eventType := range []string{event.TypeTouch, event.TypeCO2, "brandNew"} {
		if _, err := w.Publish(device, eventType, []byte(`{"n": 1}`)); err != nil {
			t.Fatal(err)
		}
	}
	w.deliverAll(t)
	if s, err := w.ConnectorStats(only); err != nil || s.Sent != 1 {
		t.Errorf("filtered connector: %v, %v", s, err)
	}
	if s, err := w.ConnectorStats(w.connector); err != nil || s.Sent != 3 {
		t.Errorf("connector for all: %v, %v", s, err)
	}
	labelled := 0
	for _, body := range w.receiver.received() {
		ev := decode(t, body)
		if ev.Metadata.ProductNumber != "" {
			t.Errorf("product number of an emulated device: %+v", ev.Metadata)
		}
		if len(ev.Labels) == 0 {
			continue
		}
		labelled++
		want := event.Labels{{Key: "name", Value: `The "blue" door`}, {Key: "note", Value: ""}}
		if !slices.Equal(ev.Labels, want) {
			t.Errorf("labels %v", ev.Labels)
		}
	}
	if labelled != 1 {
		t.Errorf("%d bodies with labels", labelled)
	}
}

// Every answer but 2xx is tried again, redirects too.
func TestAnswers(t *testing.T) {
	for _, test := range []struct {
		status    int
		delivered bool
	}{
		{200, true}, {201, true}, {204, true}, {299, true},
		{301, false}, {307, false}, {400, false}, {404, false}, {429, false}, {500, false}, {503, false},
	} {
		w := newWorld(t, nil)
		w.receiver.answer = status(test.status)
		w.touch(t, 1)
		w.pass(t, 1500*time.Millisecond)
		got := w.Stats()
		if delivered := got.Delivered == 1; delivered != test.delivered || delivered == (got.Attempts > 1) {
			t.Errorf("%d: %v", test.status, got)
		}
	}
}

// A receiver that is too slow counts as failed; its late answer is not heard.
func TestAnswerTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var attempts []dtcloud.Attempt
		w := newWorld(t, func(c *dtcloud.Config) {
			c.Concurrency = 1
			c.Observe = func(a dtcloud.Attempt) { attempts = append(attempts, a) }
			c.Transport = roundTrip(func(request *http.Request) (*http.Response, error) {
				if len(attempts) > 0 {
					return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
				}
				<-request.Context().Done()
				return nil, request.Context().Err()
			})
		})
		w.touch(t, 1)
		began := time.Now()
		w.deliverAll(t)
		if passed := time.Since(began); passed != 10*time.Second {
			t.Errorf("the receiver had %v", passed)
		}
		if len(attempts) != 2 || attempts[0].Status != 0 || !errors.Is(attempts[0].Err, context.DeadlineExceeded) || attempts[0].Acknowledged {
			t.Fatalf("attempts %+v", attempts)
		}
		if a := attempts[1]; a.Status != 200 || !a.Acknowledged || a.Number != 2 || a.Connector != w.connector || a.Device != w.device || a.EventType != event.TypeTouch || a.Err != nil {
			t.Errorf("attempt %+v", a)
		}
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(request *http.Request) (*http.Response, error) { return f(request) }

func TestConcurrencyIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var now, most atomic.Int32
		w := newWorld(t, func(c *dtcloud.Config) { c.Concurrency = 4 })
		w.receiver.answer = func(*http.Request, []byte) int {
			n := now.Add(1)
			for {
				m := most.Load()
				if n <= m || most.CompareAndSwap(m, n) {
					break
				}
			}
			<-time.After(time.Second) // fake time
			now.Add(-1)
			return http.StatusOK
		}
		w.touch(t, 20)
		began := time.Now()
		w.deliverAll(t)
		if passed := time.Since(began); most.Load() != 4 || passed != 5*time.Second {
			t.Errorf("%d at a time, in %v", most.Load(), passed)
		}
	})
}
