// Package rest sends requests to Google Cloud's REST services: with an access token,
// tried again where a fault may pass, and with errors that say what the service said
// and nothing that is secret.
package rest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/dt-functions/dt-functions/shared/secret"
)

const (
	// attemptTimeout is how long one attempt may take, where the caller's context
	// allows that much. DT waits 10 s for an answer, and an attempt that hangs is to
	// leave time for a second.
	attemptTimeout = 4 * time.Second
	// maxAnswer is how much of an answer is read, in bytes: a checkpoint has at most
	// 256 KiB, and other answers are short.
	maxAnswer = 1 << 20
)

// A TokenSource has access tokens of the program's service account; *token.Source is
// one.
type TokenSource interface {
	// Usable returns an error if there can never be a token.
	Usable() error
	Token(ctx context.Context) (secret.Text, error)
}

// A Request is one to be sent.
type Request struct {
	Method      string
	URL         *url.URL
	ContentType string // of Body; may be empty
	Body        []byte
	// Once is for what must not be done twice: then an attempt after which it is not
	// known whether it was done is the last one.
	Once bool
}

// A Response is a service's answer: one with a status below 300.
type Response struct {
	Header http.Header
	Body   []byte
}

// A Client sends requests to one service. It is safe for concurrent use.
type Client struct {
	http   *http.Client
	tokens TokenSource
	base   *url.URL
}

// An Endpoint says how a service is reached.
type Endpoint struct {
	// Service is its URL, such as https://pubsub.googleapis.com.
	Service string
	// Emulator is the address of an emulator, with or without http://, that is used in
	// the service's place and gets no token; "" for none. Variable is the name of the
	// variable that it is from.
	Emulator, Variable string
	// Tokens are not used with an emulator. Required without.
	Tokens TokenSource
	// Client sends the requests. Required.
	Client *http.Client
}

// NewClient returns a Client. Nothing is sent. Redirects are not followed.
func NewClient(e Endpoint) (*Client, error) {
	own := *e.Client
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if e.Emulator == "" {
		base, err := url.Parse(e.Service)
		if err != nil {
			return nil, errors.New("the service's URL cannot be parsed")
		}
		if err := e.Tokens.Usable(); err != nil {
			return nil, err
		}
		return &Client{http: &own, tokens: e.Tokens, base: base}, nil
	}
	text := e.Emulator
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	base, err := url.Parse(strings.TrimSuffix(text, "/"))
	if err != nil || base.Scheme != "http" && base.Scheme != "https" || base.Hostname() == "" ||
		base.User != nil || base.Path != "" || base.RawQuery != "" || base.Fragment != "" {
		return nil, fmt.Errorf("%s is not the address of an emulator; want host:port, or remove it to use Google Cloud", e.Variable)
	}
	return &Client{http: &own, base: base}, nil
}

// URL returns the URL of a resource of the service. Slashes in a part are escaped.
func (c *Client) URL(query url.Values, parts ...string) *url.URL {
	escaped := make([]string, len(parts))
	for i, part := range parts {
		escaped[i] = url.PathEscape(part)
	}
	u := *c.base
	u.Path = "/" + strings.Join(parts, "/")
	u.RawPath = "/" + strings.Join(escaped, "/")
	u.RawQuery = query.Encode()
	return &u
}

// attempt sends r once.
func (c *Client) attempt(ctx context.Context, r Request) (Response, error) {
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, r.Method, r.URL.String(), bytes.NewReader(r.Body))
	if err != nil {
		return Response{}, errors.New("the URL makes no request")
	}
	request.Header.Set("User-Agent", "dt-functions")
	if r.ContentType != "" {
		request.Header.Set("Content-Type", r.ContentType)
	}
	var token secret.Text
	if c.tokens != nil {
		if token, err = c.tokens.Token(ctx); err != nil {
			return Response{}, &tokenError{err}
		}
		request.Header.Set("Authorization", "Bearer "+token.Reveal())
	}
	answer, err := c.http.Do(request)
	if err != nil {
		// Its text has the whole URL in it.
		if urlError, ok := errors.AsType[*url.Error](err); ok {
			err = urlError.Err
		}
		return Response{}, fmt.Errorf("%s: %w", r.URL.Host, err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if answer.StatusCode >= 300 {
		// An answer that breaks off does not change what its status says.
		return Response{}, newError(answer, body, token)
	}
	if err != nil {
		return Response{}, fmt.Errorf("%s: the answer broke off: %w", r.URL.Host, err)
	}
	return Response{Header: answer.Header, Body: body}, nil
}
