package dtapi

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// A Client calls DT's REST API. It is safe for concurrent use; callers share its rate
// limit and its token.
type Client struct {
	sender    sender
	authorize authorizer
	pacer     *pacer
	retrier   retrier
	base      *url.URL
	remedy    string // for a refused credential
}

// newClient returns a Client of a Config that is whole and right.
func newClient(c Config, base *url.URL) *Client {
	s := sender{client: httpClient(c.Client), userAgent: c.UserAgent, now: c.Now, observe: c.Observe}
	client := &Client{
		sender:  s,
		pacer:   newPacer(limit(c.Rate), c.Burst),
		retrier: retrier{attempts: c.Attempts, rand: c.Rand},
		base:    base,
		remedy:  tokenRemedy,
	}
	if c.Credentials.Email == "" {
		client.authorize, client.remedy = newBasicAuth(c.Credentials), basicRemedy
	} else {
		client.authorize = newTokenSource(c, s, client.retrier)
	}
	return client
}

// httpClient returns given, or one with the timeouts that it needs, so that it never
// follows a redirect: the next address could be anybody's.
func httpClient(given *http.Client) *http.Client {
	var c http.Client
	if given != nil {
		c = *given
	} else {
		c.Transport = &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			DialContext:         (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
			TLSHandshakeTimeout: 10 * time.Second,
			IdleConnTimeout:     90 * time.Second,
			// Go keeps 2 idle connections a host, too few for many callers of one.
			MaxIdleConnsPerHost: 32,
			ForceAttemptHTTP2:   true,
		}
	}
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &c
}

// do sends r, as often as it takes and is allowed, and returns what was answered.
func (c *Client) do(ctx context.Context, r *request) ([]byte, error) {
	r.credentialRemedy, r.addressVariable = c.remedy, "DT_API_URL"
	address := strings.TrimSuffix(c.base.String(), "/") + r.path
	if len(r.query) > 0 {
		address += "?" + r.query.Encode()
	}
	renewed := false // a call gets one new token
	sent, idle := 0, time.Now()
	return c.retrier.do(ctx, r, func() ([]byte, error) {
		for {
			credential, err := c.authorize.credential(ctx)
			if err != nil {
				return nil, err
			}
			if err := c.pacer.wait(ctx); err != nil {
				return nil, r.stopped(err)
			}
			sent++
			body, err := c.sender.send(ctx, r, sent, idle, address, credential)
			idle = time.Now()
			c.hold(err)
			if errors.Is(err, ErrUnauthenticated) && !renewed && c.authorize.refused(credential) {
				renewed = true
				continue
			}
			return body, err
		}
	})
}

// hold makes all callers wait when DT has asked one of them to.
func (c *Client) hold(err error) {
	var e *Error
	if errors.As(err, &e) && e.Status == http.StatusTooManyRequests {
		e.retryAfter = max(e.retryAfter, minPause)
		c.pacer.hold(e.retryAfter)
	}
}
