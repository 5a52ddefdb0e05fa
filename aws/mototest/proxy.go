package mototest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/aws/awsapi"
)

// A Fault is what goes wrong between a client and the server.
type Fault int32

// The faults.
const (
	None       Fault = iota
	Throttle         // refused: too many calls
	Deny             // refused: no permission
	Fail             // an error of the service
	Hang             // no answer
	TearBefore       // the connection breaks before the call is done
	TearAfter        // the call is done, and the connection breaks
	TearOnce         // as TearAfter, but only the next call
)

// A Proxy passes calls on to a server, unless a fault is set.
type Proxy struct {
	// Client calls the server by the proxy, with little patience.
	Client *awsapi.Client
	fault  atomic.Int32
	next   http.Handler
}

// NewProxy returns a proxy that ends with the test.
func (s *Server) NewProxy(t *testing.T) *Proxy {
	t.Helper()
	target, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{next: httputil.NewSingleHostReverseProxy(target)}
	server := httptest.NewServer(p)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	env := s.Env()
	env["AWS_ENDPOINT_URL"] = server.URL
	p.Client = awsapi.New(awsapi.Config{Env: env, AttemptTimeout: time.Second})
	return p
}

// Set sets the fault from now on.
func (p *Proxy) Set(f Fault) { p.fault.Store(int32(f)) }

// ServeHTTP implements [http.Handler].
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// The errors of JSON are read by clients of the query protocol too.
	refuse := func(status int, code string) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, `{"__type":"`+code+`","message":"by the test"}`)
	}
	switch f := Fault(p.fault.Load()); f {
	case Throttle:
		refuse(http.StatusBadRequest, "ThrottlingException")
	case Deny:
		refuse(http.StatusBadRequest, "AccessDeniedException")
	case Fail:
		refuse(http.StatusInternalServerError, "InternalFailure")
	case Hang:
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	case TearBefore:
		panic(http.ErrAbortHandler)
	case TearAfter, TearOnce:
		if f == TearOnce {
			p.fault.CompareAndSwap(int32(TearOnce), int32(None))
		}
		p.next.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	default:
		p.next.ServeHTTP(w, r)
	}
}
