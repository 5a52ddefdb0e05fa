package sink

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dt-functions/dt-functions/shared/signature"
)

const (
	// forwardConcurrency is how many messages of one Publish call are under way.
	forwardConcurrency = 8
	// forwardTimeout is how long one POST may take, where the caller's context
	// allows that much. DT waits as long (Best Practices).
	forwardTimeout = 10 * time.Second
)

// openForward opens https://host/path: each message's Data in one POST as a Data
// Connector sends it, signed with signer, so that one bundle can feed another. A
// message is stored when the other end answers 2xx.
func openForward(u *url.URL, client *http.Client, signer *signature.Signer) (Sink, error) {
	switch {
	case u.Hostname() == "":
		return nil, fmt.Errorf("names no host; want %s://host/path", u.Scheme)
	case u.Fragment != "":
		return nil, errors.New("has a fragment, which is never sent; write %23 for # in the path")
	case u.Scheme != "https" && !isLoopback(u.Hostname()):
		return nil, errors.New("would send events unencrypted; use https://, or http:// with a host such as localhost")
	case signer == nil:
		return nil, errors.New("has no secret to sign with; set DT_FORWARD_SECRET to the secret that the receiver verifies with")
	}
	s := &forwardSink{url: u.String(), host: u.Host, signer: signer, secrets: secretParts(u)}
	if client == nil {
		transport := http.DefaultTransport.(*http.Transport).Clone()
		// The default keeps 2 connections to a host and would open and close the
		// others all the time.
		transport.MaxIdleConnsPerHost = transport.MaxIdleConns
		s.client.Transport = transport
		s.idle = transport.CloseIdleConnections
	} else {
		s.client = *client
	}
	s.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return s, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

type forwardSink struct {
	url     string
	host    string
	client  http.Client
	idle    func() // closes the connections that belong to this sink; may be nil
	signer  *signature.Signer
	secrets []string // what an answer might repeat of the URL

	mu      sync.Mutex
	closed  bool
	running sync.WaitGroup
}

// Publish stops sending after the first error; what is under way then is waited
// for.
func (s *forwardSink) Publish(ctx context.Context, msgs []Message) (Result, error) {
	if err := s.begin(); err != nil {
		return Result{}, err
	}
	defer s.running.Done()
	if len(msgs) == 1 {
		return Result{}, s.send(ctx, &msgs[0])
	}
	var (
		workers sync.WaitGroup
		next    atomic.Int64
		failed  atomic.Bool
		errs    = make([]error, min(forwardConcurrency, len(msgs)))
	)
	for w := range errs {
		workers.Go(func() {
			for !failed.Load() {
				i := int(next.Add(1)) - 1
				if i >= len(msgs) {
					return
				}
				if errs[w] = s.send(ctx, &msgs[i]); errs[w] != nil {
					failed.Store(true)
				}
			}
		})
	}
	workers.Wait()
	return Result{}, errors.Join(errs...)
}

// Close waits for what is being sent.
func (s *forwardSink) Close() error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.running.Wait()
	if s.idle != nil {
		s.idle()
	}
	return nil
}

func (s *forwardSink) begin() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	s.running.Add(1)
	return nil
}

func (s *forwardSink) send(ctx context.Context, m *Message) (err error) {
	defer panicToError(&err)
	ctx, cancel := context.WithTimeout(ctx, forwardTimeout)
	defer cancel()
	req, err := s.request(ctx, m)
	if err != nil {
		return err
	}
	resp, err := s.client.Do(req)
	if err != nil {
		// Its text has the whole URL in it.
		if urlError, ok := errors.AsType[*url.Error](err); ok {
			err = urlError.Err
		}
		return fmt.Errorf("POST to %s: %w", s.host, err)
	}
	return s.judge(resp)
}

func (s *forwardSink) request(ctx context.Context, m *Message) (*http.Request, error) {
	// The transport may read the body a little longer than Do runs.
	body := bytes.Clone(m.Data)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("POST to %s: the URL makes no request", s.host)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "dt-functions")
	// Without values it is not sent, but tells net/http that it may send again on
	// a new connection when an idle one turns out to be dead: the event's id makes
	// a repetition harmless.
	req.Header["Idempotency-Key"] = []string{}
	if err := s.signer.SignHeader(req.Header, body); err != nil {
		return nil, fmt.Errorf("POST to %s: %w", s.host, err)
	}
	return req, nil
}
