package dtcloud

import (
	crand "crypto/rand"
	"encoding/binary"
	"fmt"
	"net/http"
	"time"
)

// Config is what a Cloud is made of. The zero value is a cloud without faults and
// without asymmetric signatures that runs in real time.
type Config struct {
	// Clock is the cloud's time; nil means the wall clock.
	Clock Clock
	// Seed makes what is random repeatable; 0 means another seed each time.
	Seed uint64

	// BaseURL is where Handler is served, such as "http://127.0.0.1:8080". The
	// issuer of the asymmetric signature is under it. "" means that requests
	// carry no asymmetric signature.
	BaseURL string
	// Organization is the id of the organization that owns all projects, the
	// subject of the asymmetric signature; "" means one that is made up.
	Organization string
	// KeyGrace is how long a replaced signing key stays published; 0 means two
	// hours, which is longer than its last token is valid.
	KeyGrace time.Duration

	// Transport carries the requests to receivers; nil means one that keeps
	// connections open.
	Transport http.RoundTripper
	// AnswerTimeout is how long a receiver may take to answer, in real time; 0
	// means DT's 10 seconds.
	AnswerTimeout time.Duration
	// Concurrency is how many requests to one connector are under way at most;
	// 0 means 10.
	Concurrency int
	// Retry is the pause between attempts to deliver an event.
	Retry Backoff
	// Faults is what goes wrong from the start. See SetFaults.
	Faults Faults

	// HistoryLimit is how many events of a device are kept at most, besides the
	// limit of 31 days; 0 means 10,000.
	HistoryLimit int

	// APILimit is how many requests to the REST API a service account may make.
	APILimit APILimit
	// APIFaults is what goes wrong there from the start. See SetAPIFaults.
	APIFaults APIFaults
	// TokenNow is the clock of all tokens: those that deliveries are signed with, which
	// receivers check by theirs, and service accounts' assertions, which clients make
	// by theirs. nil means Clock.
	TokenNow func() time.Time

	// Observe, unless nil, is called after each attempt to deliver, by many
	// goroutines at a time. The next attempt of that goroutine waits for it.
	Observe func(Attempt)
}

const (
	defaultAnswerTimeout = 10 * time.Second
	defaultConcurrency   = 10
	defaultHistoryLimit  = 10_000
	defaultKeyGrace      = 2 * time.Hour
)

// withDefaults returns c with its defaults filled in, or an error that names the
// setting that cannot be used.
func (c Config) withDefaults() (Config, error) {
	switch {
	case c.AnswerTimeout < 0:
		return c, fmt.Errorf("%w: AnswerTimeout %v: want a duration above 0", ErrInvalid, c.AnswerTimeout)
	case c.Concurrency < 0:
		return c, fmt.Errorf("%w: Concurrency %d: want a number above 0", ErrInvalid, c.Concurrency)
	case c.HistoryLimit < 0:
		return c, fmt.Errorf("%w: HistoryLimit %d: want a number above 0", ErrInvalid, c.HistoryLimit)
	case c.KeyGrace < 0:
		return c, fmt.Errorf("%w: KeyGrace %v: want a duration above 0", ErrInvalid, c.KeyGrace)
	}
	if err := c.Retry.check(); err != nil {
		return c, err
	}
	if err := c.Faults.check(); err != nil {
		return c, err
	}
	if err := c.APIFaults.check(); err != nil {
		return c, err
	}
	if c.APILimit.PerSecond < 0 || c.APILimit.Burst < 0 {
		return c, fmt.Errorf("%w: APILimit %v: want numbers above 0", ErrInvalid, c.APILimit)
	}
	if c.BaseURL != "" {
		if err := checkAddress(c.BaseURL); err != nil {
			return c, fmt.Errorf("%w: BaseURL: %w", ErrInvalid, err)
		}
	}
	if c.Organization != "" && !validID(c.Organization) {
		return c, fmt.Errorf("%w: Organization: %s", ErrInvalid, wantID)
	}
	if c.Clock == nil {
		c.Clock = newRunningClock(time.Now(), 1)
	}
	if c.Seed == 0 {
		var b [8]byte
		crand.Read(b[:]) // never fails
		c.Seed = binary.LittleEndian.Uint64(b[:])
	}
	if c.AnswerTimeout == 0 {
		c.AnswerTimeout = defaultAnswerTimeout
	}
	if c.Concurrency == 0 {
		c.Concurrency = defaultConcurrency
	}
	if c.HistoryLimit == 0 {
		c.HistoryLimit = defaultHistoryLimit
	}
	if c.KeyGrace == 0 {
		c.KeyGrace = defaultKeyGrace
	}
	if c.APILimit.PerSecond == 0 {
		c.APILimit.PerSecond = defaultPerSecond
	}
	if c.APILimit.Burst == 0 {
		c.APILimit.Burst = defaultBurst
	}
	if c.TokenNow == nil {
		c.TokenNow = c.Clock.Now
	}
	if c.Transport == nil {
		c.Transport = newTransport()
	}
	c.Retry = c.Retry.withDefaults()
	return c, nil
}

// newTransport returns a transport that keeps a connection for each request that
// may be under way, to however many connectors on one host.
func newTransport() *http.Transport {
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		ForceAttemptHTTP2:   true,
		DisableCompression:  true,
		MaxIdleConnsPerHost: 256,
		IdleConnTimeout:     90 * time.Second,
		TLSHandshakeTimeout: 10 * time.Second,
	}
}
