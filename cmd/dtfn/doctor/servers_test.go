package doctor_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/local/dtcloud"
	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/signature"
)

type (
	ctx        = context.Context
	secretText = secret.Text
)

// begin is when the simulated clouds of these tests begin.
var begin = time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC)

// verifying verifies as receive does, and hands on what passes.
func verifying(t *testing.T, next http.Handler) http.Handler {
	t.Helper()
	verifier, err := signature.NewVerifier(signature.Config{Secrets: signature.StaticSecrets(theSecret), Now: func() time.Time { return begin }})
	if err != nil {
		t.Fatal(err)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		if _, err := verifier.Verify(r.Context(), r.Header, body); err != nil {
			w.WriteHeader(http.StatusUnauthorized)
			io.WriteString(w, `{"outcome":"unauthorized","reason":"`+signature.Code(err)+`"}`)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// signed answers so to what is signed right, and refuses the rest as receive does.
func signed(t *testing.T, status int, body string) http.Handler {
	t.Helper()
	return verifying(t, answering(status, body))
}

// careless verifies a signature only where there is one.
func careless(t *testing.T) http.Handler {
	t.Helper()
	accept := answering(200, `{"outcome":"accepted"}`)
	verify := verifying(t, accept)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get(signature.HeaderSymmetric) == "" {
			accept.ServeHTTP(w, r)
			return
		}
		verify.ServeHTTP(w, r)
	})
}

// gullible wants a signature, and takes any.
func gullible() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get(signature.HeaderSymmetric) == "" {
			answering(401, `{"outcome":"unauthorized","reason":"signature-missing"}`).ServeHTTP(w, r)
			return
		}
		answering(200, `{"outcome":"accepted"}`).ServeHTTP(w, r)
	})
}

// tearing ends connections without an answer.
func tearing() http.Handler {
	return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
}

// deliver lets the simulated cloud deliver what it has.
func deliver(t *testing.T, w *world) {
	t.Helper()
	if err := w.SetFaults(dtcloud.Faults{}); err != nil {
		t.Fatal(err)
	}
	w.Pass(t, 10*time.Minute)
	if m, err := w.Metrics(w.connector); err != nil || m.SuccessCount == 0 {
		t.Fatalf("%+v, %v", m, err)
	}
}

// answerMetrics lets DT's API answer so when it is asked for metrics.
func (w *world) answerMetrics(t *testing.T, body string) {
	t.Helper()
	rest := w.api.Config.Handler
	w.api.Config.Handler = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, ":metrics") {
			rest.ServeHTTP(rw, r)
			return
		}
		rw.Header().Set("Content-Type", "application/json")
		io.WriteString(rw, body)
	})
}
