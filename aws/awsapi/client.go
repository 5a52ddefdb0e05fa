package awsapi

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/dt-functions/dt-functions/shared/settings"
)

// Config is what a Client works with.
type Config struct {
	// Env holds the variables that every AWS program reads, of which Lambda sets all
	// but the last: AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,
	// AWS_SESSION_TOKEN, and AWS_ENDPOINT_URL (or AWS_ENDPOINT_URL_SQS and so on) for
	// services elsewhere.
	Env settings.Environment
	// Client sends the requests; nil means one of its own.
	Client *http.Client
	// Now is the clock that requests are signed by; nil means time.Now.
	Now func() time.Time
	// Attempts is how often a request is sent at most; 0 means 3.
	Attempts int
	// AttemptTimeout is how long one attempt may take; 0 means 3 s. A connection that
	// died while the function was frozen must not use up the whole time of a request.
	AttemptTimeout time.Duration
	// Pause returns how long to wait before the attempt of that number, the first
	// repetition being 1; nil means a random time that doubles.
	Pause func(attempt int) time.Duration
}

// A Client calls AWS. It is safe for concurrent use. Nothing is opened or sent before
// the first call.
type Client struct {
	config Config
	signer *v4.Signer
}

// ErrNoRegion means that no AWS region is known.
var ErrNoRegion = errors.New("no AWS region: set AWS_REGION (Lambda does) or name it in the URL with ?region=")

// New returns a Client.
func New(c Config) *Client {
	if c.Client == nil {
		c.Client = newHTTPClient()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Attempts <= 0 {
		c.Attempts = 3
	}
	if c.AttemptTimeout <= 0 {
		c.AttemptTimeout = 3 * time.Second
	}
	if c.Pause == nil {
		c.Pause = pause
	}
	return &Client{config: c, signer: v4.NewSigner()}
}

// pause is at most 50 ms, 100 ms, 200 ms and so on: full jitter, so that throttled
// callers do not come back all at once.
func pause(attempt int) time.Duration {
	return rand.N(min(50*time.Millisecond<<(attempt-1), time.Second)) + time.Millisecond
}

// newHTTPClient returns a client with the timeouts of a request that DT waits for. It
// never follows a redirect: the signature would not fit.
func newHTTPClient() *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			DialContext:         (&net.Dialer{Timeout: 2 * time.Second}).DialContext,
			TLSHandshakeTimeout: 2 * time.Second,
			IdleConnTimeout:     90 * time.Second,
			MaxIdleConnsPerHost: 64,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Region returns given, or the region of the environment.
func (c *Client) Region(given string) (string, error) {
	if given == "" {
		given = c.config.Env["AWS_REGION"]
	}
	if given == "" {
		given = c.config.Env["AWS_DEFAULT_REGION"]
	}
	switch {
	case given == "":
		return "", ErrNoRegion
	case !isRegion(given):
		return "", fmt.Errorf("%.40q is not an AWS region", given)
	}
	return given, nil
}

// isRegion reports whether text can be a region: it becomes a part of a host's name.
func isRegion(text string) bool {
	for _, r := range text {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' {
			return false
		}
	}
	return text != ""
}

// A Service is one service in one region.
type Service struct {
	client   *Client
	name     string // as the signature has it
	region   string
	endpoint *url.URL
	moved    bool // by AWS_ENDPOINT_URL
}

// Service returns the service of that name, one of sqs, sns, events, kinesis,
// secretsmanager, ssm, s3 and lambda. region "" means the environment's. host is
// where it is, "" for the region's public endpoint.
func (c *Client) Service(name, region, host string) (*Service, error) {
	region, err := c.Region(region)
	if err != nil {
		return nil, err
	}
	endpoint, moved, err := c.endpoint(name, region, host)
	if err != nil {
		return nil, err
	}
	return &Service{client: c, name: name, region: region, endpoint: endpoint, moved: moved}, nil
}

// Endpoint returns the URL that the service is called at.
func (s *Service) Endpoint() string { return s.endpoint.String() }

// Region returns the service's region.
func (s *Service) Region() string { return s.region }

// sleep waits for d, or until ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// HTTP returns the client that the requests are sent with.
func (c *Client) HTTP() *http.Client { return c.config.Client }

// Now returns the time that requests are signed by.
func (c *Client) Now() time.Time { return c.config.Now() }

// Moved reports whether the service is somewhere else than AWS's public endpoint.
func (s *Service) Moved() bool { return s.moved }
