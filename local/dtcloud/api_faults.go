package dtcloud

import (
	"fmt"
	"time"
)

// APIFaults are what goes wrong between a client and the REST API. Each but Latency
// is a probability from 0 to 1, for each request.
type APIFaults struct {
	// Error answers with 500, 503 or, one time in ten, 504.
	Error float64 `json:"error"`
	// TooMany answers with 429 and Retry-After.
	TooMany float64 `json:"tooMany"`
	// Torn closes the connection: before the answer, or in its midst.
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
