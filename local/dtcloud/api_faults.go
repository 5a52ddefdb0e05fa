package dtcloud

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// APIFaults are what goes wrong between a client and the REST API. Each but Latency
// is a probability from 0 to 1, for each request.
type APIFaults struct {
	// Error answers with 500, 503 or, one time in ten, 504.
	Error float64 `json:"error"`
	// TooMany answers with 429 and Retry-After.
	TooMany float64 `json:"tooMany"`
	// Torn closes the connection: before anything is done, or in the midst of the
	// answer to what was done.
	Torn float64 `json:"torn"`
	// ExpireTokens ends the request's access token before its time.
	ExpireTokens float64 `json:"expireTokens"`
	// Latency is how much later every answer comes, in real time.
	Latency time.Duration `json:"latency"`
}

func (f APIFaults) check() error {
	for name, p := range map[string]float64{"Error": f.Error, "TooMany": f.TooMany, "Torn": f.Torn, "ExpireTokens": f.ExpireTokens} {
		if !(p >= 0 && p <= 1) {
			return fmt.Errorf("%w: APIFaults.%s %v: want a probability from 0 to 1", ErrInvalid, name, p)
		}
	}
	if f.Latency < 0 {
		return fmt.Errorf("%w: APIFaults.Latency %v: want a duration above 0", ErrInvalid, f.Latency)
	}
	return nil
}

// SetAPIFaults replaces all faults of the REST API, for requests from now on. The
// error wraps ErrInvalid.
func (c *Cloud) SetAPIFaults(f APIFaults) error {
	if err := f.check(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.apiFaults = f
	return nil
}

// An apiFate is what befalls one request.
type apiFate struct {
	status  int // to answer with; 0 for none
	torn    bool
	midway  bool // the connection is torn in the midst of the answer
	expire  bool
	latency time.Duration
}

// apiFate draws what befalls a request.
func (c *Cloud) apiFate() apiFate {
	c.mu.Lock()
	defer c.mu.Unlock()
	f := c.apiFaults
	chance := func() float64 { return float64(c.apiRandom.Uint64()>>11) / (1 << 53) }
	fate := apiFate{latency: f.Latency}
	switch {
	case f == APIFaults{}:
	case chance() < f.Error:
		fate.status = []int{500, 503, 500, 503, 500, 503, 500, 503, 500, 504}[c.apiRandom.Uint64()%10]
	case chance() < f.TooMany:
		fate.status = 429
	case chance() < f.Torn:
		fate.torn, fate.midway = true, chance() < 0.5
	case chance() < f.ExpireTokens:
		fate.expire = true
	}
	return fate
}

// troubled lets befall a request what the faults say.
func (s *apiServer) troubled(serve func(http.ResponseWriter, *http.Request, apiFate)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.identify(w)
		fate := s.cloud.apiFate()
		if fate.latency > 0 {
			wait(r.Context(), fate.latency)
		}
		switch {
		case fate.midway:
			answer := &heldAnswer{header: w.Header(), status: http.StatusOK}
			serve(answer, r, fate)
			answer.tear(w)
		case fate.torn:
			panic(http.ErrAbortHandler) // closes the connection
		case fate.status == http.StatusTooManyRequests:
			w.Header().Set("Retry-After", "1")
			fallthrough
		case fate.status != 0:
			s.fail(w, fate.status, "a fault that was asked for")
		default:
			serve(w, r, fate)
		}
	})
}

func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// A heldAnswer is an answer that is not sent yet.
type heldAnswer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *heldAnswer) Header() http.Header         { return a.header }
func (a *heldAnswer) WriteHeader(status int)      { a.status = status }
func (a *heldAnswer) Write(p []byte) (int, error) { return a.body.Write(p) }

// tear sends half of the answer to w and closes the connection.
func (a *heldAnswer) tear(w http.ResponseWriter) {
	w.Header().Set("Content-Length", strconv.Itoa(a.body.Len()))
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body.Bytes()[:a.body.Len()/2])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}
