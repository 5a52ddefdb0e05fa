// Package fakeaws is a server for unit tests that answers calls of AWS's operations as
// it is told to: what moto never does, such as throttling and half an answer, it does.
package fakeaws

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/aws/awsapi"
	"github.com/dt-functions/dt-functions/shared/settings"
)

// A Call is a call of an operation.
type Call struct {
	// Operation is that of X-Amz-Target, such as "AmazonSQS.SendMessageBatch", or the
	// Action of the query protocol.
	Operation string
	Header    http.Header
	Body      []byte
	Form      url.Values // by the query protocol
}

// An Answer is what a call gets.
type Answer struct {
	Status int // 0 means 200
	Body   string
	// Torn closes the connection instead of answering.
	Torn bool
	// Never gives no answer until the caller has gone.
	Never bool
}

// Throttled is AWS's answer to too many calls.
func Throttled() Answer {
	return Answer{Status: http.StatusBadRequest, Body: `{"__type":"ThrottlingException","message":"Rate exceeded"}`}
}

// Denied is AWS's answer to one without permission.
func Denied() Answer {
	return Answer{Status: http.StatusBadRequest, Body: `{"__type":"AccessDeniedException","message":"not authorized to perform this"}`}
}

// A Server answers by the function that is set last.
type Server struct {
	URL string

	mu     sync.Mutex
	calls  []Call
	answer func(c Call) Answer
}

// New starts a server that ends with the test.
func New(t *testing.T, answer func(c Call) Answer) *Server {
	t.Helper()
	s := &Server{answer: answer}
	server := httptest.NewServer(s)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	s.URL = server.URL
	return s
}

// Set sets how calls are answered from now on.
func (s *Server) Set(answer func(c Call) Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = answer
}

// Calls returns the calls so far.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Call{}, s.calls...)
}

// Env returns the variables of a program that calls the server.
func (s *Server) Env() settings.Environment {
	return settings.Environment{
		"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "the-secret-access-key",
		"AWS_ENDPOINT_URL": s.URL,
	}
}

// Client returns a client of the server that does not wait between its attempts.
func (s *Server) Client() *awsapi.Client {
	return awsapi.New(awsapi.Config{Env: s.Env(), Pause: func(int) time.Duration { return 0 }, AttemptTimeout: 300 * time.Millisecond})
}

// ServeHTTP implements [http.Handler].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	c := Call{Operation: r.Header.Get("X-Amz-Target"), Header: r.Header, Body: body}
	if c.Operation == "" {
		if c.Form, err = url.ParseQuery(string(body)); err != nil {
			panic(http.ErrAbortHandler)
		}
		c.Operation = c.Form.Get("Action")
	}
	s.mu.Lock()
	s.calls = append(s.calls, c)
	answer := s.answer
	s.mu.Unlock()
	a := answer(c)
	switch {
	case a.Torn:
		panic(http.ErrAbortHandler)
	case a.Never:
		<-r.Context().Done()
		return
	case a.Status != 0:
		w.WriteHeader(a.Status)
	}
	_, _ = io.WriteString(w, a.Body)
}
