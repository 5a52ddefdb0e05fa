package dtapi

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"github.com/dt-functions/dt-functions/shared/secret"
)

// What a Config without these fields means.
const (
	// DefaultURL is DT's API (page "Configuring a Data Connector").
	DefaultURL = "https://api.d21s.com/v2"
	// DefaultTokenURL is where DT gives access tokens (page "OAuth2").
	DefaultTokenURL = "https://identity.disruptive-technologies.com/oauth2/token"
	// DefaultRate and DefaultBurst are DT's limit, 25 requests in 5 seconds, as its
	// older documentation gives it.
	DefaultRate  = 5.0
	DefaultBurst = 25
	// DefaultAttempts makes a call go on through about a minute of trouble.
	DefaultAttempts = 8
	// DefaultUserAgent names this bundle.
	DefaultUserAgent = "dt-functions"
)

// Config says how a Client works. Only Credentials are required.
type Config struct {
	// URL is the API's address with its version; "" means DefaultURL. It must be
	// https, or http for this machine alone.
	URL string
	// TokenURL is where access tokens are fetched; "" means DefaultTokenURL. The
	// same rule as for URL.
	TokenURL string
	// Credentials are those of a service account.
	Credentials Credentials
	// Client sends the requests; nil means one with sensible timeouts. Redirects
	// are never followed, whatever it says: credentials go to URL and TokenURL only.
	Client *http.Client
	// Rate is how many requests a second the client sends, all callers together;
	// 0 means DefaultRate, math.Inf(1) no limit.
	Rate float64
	// Burst is how many may be sent at once after a pause; 0 means DefaultBurst.
	Burst int
	// Attempts is how often a call is tried at most; 0 means DefaultAttempts.
	Attempts int
	// Now is the clock for tokens and for dates that DT sends; nil means time.Now.
	// Waiting is by real timers.
	Now func() time.Time
	// Rand gives numbers in [0, 1) that spread repeated requests in time; nil means
	// math/rand/v2. It is called by many goroutines at once.
	Rand func() float64
	// Observe is told of every request once it is over, those for tokens too, by
	// many goroutines at once; nil means nobody is.
	Observe func(Call)
	// UserAgent is sent with every request; "" means DefaultUserAgent.
	UserAgent string
}

// Credentials are a key of a DT service account.
type Credentials struct {
	// KeyID is the key's id.
	KeyID string
	// Secret is what DT showed when the key was made.
	Secret secret.Text
	// Email is the service account's. Without it the client uses Basic auth, which
	// DT means for prototypes and accepts only where it was enabled.
	Email string
}

// A Call is one request that is over.
type Call struct {
	Method string
	// Path is the resource's path below Config.URL, without a query; for tokens the
	// path of Config.TokenURL.
	Path string
	// Status is what was answered; 0 when nothing was.
	Status int
	// Attempt counts the requests of one call, from 1.
	Attempt int
	// Wait is how long the request was held back before it was sent: by the rate
	// limit, by Retry-After, by the pause after a failure, by the token's renewal.
	Wait time.Duration
	// Took is how long the request itself took, its answer read to the end.
	Took time.Duration
	// RequestID is DT's, "" when none came.
	RequestID string
	// Err is why the request failed; nil when it did not. It holds no secret.
	Err error
}

// New returns a Client. Everything that is wrong with c is in the error, a line
// each, under the name of the field and of the variable that it usually comes from.
func New(c Config) (*Client, error) {
	setDefaults(&c)
	var faults []error
	fault := func(field, variable, text string) {
		faults = append(faults, fmt.Errorf("dtapi: %s (%s): %s", field, variable, text))
	}
	base, err := parseAddress(c.URL)
	if err != nil {
		fault("URL", "DT_API_URL", err.Error())
	}
	if _, err := parseAddress(c.TokenURL); err != nil {
		fault("TokenURL", "DT_TOKEN_URL", err.Error())
	}
	switch id := c.Credentials.KeyID; {
	case id == "":
		fault("Credentials.KeyID", "DT_SERVICE_ACCOUNT_KEY_ID", "missing; want the id of a service account's key")
	case !isVisible(id) || strings.Contains(id, ":"):
		fault("Credentials.KeyID", "DT_SERVICE_ACCOUNT_KEY_ID", "has characters that no key id has; want it as DT Studio shows it")
	}
	if c.Credentials.Secret.IsZero() {
		fault("Credentials.Secret", "DT_SERVICE_ACCOUNT_SECRET", "missing; want the secret that DT showed when the key was made")
	}
	if email := c.Credentials.Email; email != "" && (!isVisible(email) || !strings.Contains(email, "@")) {
		fault("Credentials.Email", "DT_SERVICE_ACCOUNT_EMAIL", "not an email address; want the service account's, or nothing for Basic auth")
	}
	if math.IsNaN(c.Rate) || c.Rate < 0 {
		faults = append(faults, errors.New("dtapi: Rate: want requests a second, more than 0"))
	}
	if c.Burst < 0 {
		faults = append(faults, errors.New("dtapi: Burst: want requests, 1 or more"))
	}
	if c.Attempts < 0 {
		faults = append(faults, errors.New("dtapi: Attempts: want tries a call, 1 or more"))
	}
	if !isPrintable(c.UserAgent) {
		faults = append(faults, errors.New("dtapi: UserAgent: want printable ASCII"))
	}
	if faults != nil {
		return nil, errors.Join(faults...)
	}
	return newClient(c, base), nil
}

func setDefaults(c *Config) {
	if c.URL == "" {
		c.URL = DefaultURL
	}
	if c.TokenURL == "" {
		c.TokenURL = DefaultTokenURL
	}
	if c.Rate == 0 {
		c.Rate = DefaultRate
	}
	if c.Burst == 0 {
		c.Burst = DefaultBurst
	}
	if c.Attempts == 0 {
		c.Attempts = DefaultAttempts
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Rand == nil {
		c.Rand = rand.Float64
	}
	if c.Observe == nil {
		c.Observe = func(Call) {}
	}
	if c.UserAgent == "" {
		c.UserAgent = DefaultUserAgent
	}
}

// limit returns perSecond as package rate has it.
func limit(perSecond float64) rate.Limit {
	if math.IsInf(perSecond, 1) {
		return rate.Inf
	}
	return rate.Limit(perSecond)
}

// parseAddress requires https, since whoever reads the traffic has the credentials.
// Traffic that stays on this machine may be plain. The errors do not show the
// address: it may have a password in it.
func parseAddress(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "":
		return nil, errors.New("not a URL; want https://HOST/PATH")
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, errors.New("has a user, a query or a fragment; want https://HOST/PATH")
	case u.Scheme == "https", u.Scheme == "http" && isLoopback(u.Hostname()):
		return u, nil
	}
	return nil, errors.New("want an https URL (http only for this machine)")
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// isVisible reports whether text has visible ASCII characters only, no space.
func isVisible(text string) bool { return isPrintable(text) && !strings.Contains(text, " ") }

// isPrintable reports whether text can stand in a header: visible ASCII and spaces.
func isPrintable(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' })
}
