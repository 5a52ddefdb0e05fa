// Package rest sends requests to Azure's REST services: with a credential, tried
// again where the service says that a fault will pass, and with errors that say
// what the service said and nothing that is secret.
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
)

const (
	// attempts is how often a request is sent, in all.
	attempts = 3
	// attemptTimeout is how long one attempt may take, where the caller's context
	// allows that much.
	attemptTimeout = 10 * time.Second
	// maxAnswer is how much of an answer is read, in bytes: a checkpoint has at most
	// 256 KiB, and other answers are short.
	maxAnswer = 1 << 20
)

// An Authorizer adds to a request what says who sends it. Every header that is sent
// is there already; body is what will be sent. An error holds no secret.
type Authorizer interface {
	Authorize(ctx context.Context, r *http.Request, body []byte) error
}

// A Request is one to be sent.
type Request struct {
	Method string
	URL    *url.URL
	// Header is sent as it is, names included. It may be nil.
	Header http.Header
	Body   []byte
	// Once is for what must not be done twice: then an attempt after which it is not
	// known whether it was done is the last one.
	Once bool
}

// A Response is a service's answer: one with a status below 300.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// A Client sends requests. It is safe for concurrent use.
type Client struct {
	http *http.Client
	auth Authorizer
}

// NewClient returns a Client that sends with client, which must not be nil, in auth's
// name. Redirects are not followed.
func NewClient(client *http.Client, auth Authorizer) *Client {
	own := *client
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Client{http: &own, auth: auth}
}

// Do sends r and returns the answer. When the answer's status is 300 or above, the
// error is an *Error. What may pass is tried again, a little later each time, as long
// as ctx allows.
func (c *Client) Do(ctx context.Context, r Request) (Response, error) {
	for n := 1; ; n++ {
		response, err := c.attempt(ctx, r)
		if err == nil {
			return response, nil
		}
		wait, ok := retryAfter(err, n, r.Once)
		if !ok || n == attempts || ctx.Err() != nil || !sleep(ctx, wait) {
			return Response{}, fmt.Errorf("%s %s/%s: %w", r.Method, r.URL.Host, strings.TrimPrefix(r.URL.Path, "/"), err)
		}
	}
}

func (c *Client) attempt(ctx context.Context, r Request) (Response, error) {
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, r.Method, r.URL.String(), bytes.NewReader(r.Body))
	if err != nil {
		return Response{}, errors.New("the URL makes no request")
	}
	for name, values := range r.Header {
		request.Header[name] = values
	}
	request.Header.Set("User-Agent", "dt-functions")
	if err := c.auth.Authorize(ctx, request, r.Body); err != nil {
		return Response{}, &authorizeError{err}
	}
	answer, err := c.http.Do(request)
	if err != nil {
		// Its text has the whole URL in it.
		if urlError, ok := errors.AsType[*url.Error](err); ok {
			err = urlError.Err
		}
		return Response{}, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if answer.StatusCode >= 300 {
		// An answer that breaks off does not change what its status says.
		return Response{}, newError(answer, body)
	}
	if err != nil {
		return Response{}, fmt.Errorf("reading the answer: %w", err)
	}
	return Response{Status: answer.StatusCode, Header: answer.Header, Body: body}, nil
}
