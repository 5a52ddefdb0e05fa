// Package runtimetest is Lambda as a custom runtime sees it: a server of the Runtime
// API (Lambda Developer Guide, "Using the Lambda runtime API for custom runtimes") and
// the function's process beside it. Tests and measurements use it.
package runtimetest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Version is that of the Runtime API.
const Version = "2018-06-01"

// A Server hands invocations to a runtime and takes its answers.
type Server struct {
	// Address is the value of AWS_LAMBDA_RUNTIME_API.
	Address string

	http  http.Server
	queue chan *invocation
	stop  chan struct{}

	ready     chan struct{} // closed at the first request for an invocation
	initError chan FunctionError

	mu      sync.Mutex
	started sync.Once
	count   int
	running map[string]*invocation
}

type invocation struct {
	id       string
	payload  []byte
	deadline time.Time
	answer   chan Result // of one
}

// A Result is what a runtime answered.
type Result struct {
	// Payload is the answer as it was posted.
	Payload []byte
	// Error is set when the function failed.
	Error *FunctionError
}

// A FunctionError is what a runtime reports of a failure.
type FunctionError struct {
	Message string `json:"errorMessage"`
	Type    string `json:"errorType"`
}

func (e FunctionError) Error() string { return e.Type + ": " + e.Message }

// NewServer starts a server on this machine.
func NewServer() (*Server, error) {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Server{
		Address: listener.Addr().String(), queue: make(chan *invocation), stop: make(chan struct{}),
		ready: make(chan struct{}), initError: make(chan FunctionError, 1), running: make(map[string]*invocation),
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /"+Version+"/runtime/invocation/next", s.next)
	mux.HandleFunc("POST /"+Version+"/runtime/invocation/{id}/{what}", s.answered)
	mux.HandleFunc("POST /"+Version+"/runtime/init/error", s.initFailed)
	s.http = http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.http.Serve(listener) }() // until Close
	return s, nil
}

// Close ends the server.
func (s *Server) Close() error {
	close(s.stop)
	return s.http.Close()
}

// Ready is closed when a runtime asks for its first invocation: its start is over.
func (s *Server) Ready() <-chan struct{} { return s.ready }

// InitError receives what a runtime reports of a start that failed.
func (s *Server) InitError() <-chan FunctionError { return s.initError }

// Invoke has a runtime handle payload, and returns its answer. The deadline of ctx is
// that of the invocation; without one it has 30 s. It is safe for concurrent use.
func (s *Server) Invoke(ctx context.Context, payload []byte) (Result, error) {
	deadline, ok := ctx.Deadline()
	if !ok {
		deadline = time.Now().Add(30 * time.Second)
	}
	i := &invocation{payload: payload, deadline: deadline, answer: make(chan Result, 1)}
	s.mu.Lock()
	s.count++
	i.id = fmt.Sprintf("00000000-0000-4000-8000-%012d", s.count)
	s.running[i.id] = i
	s.mu.Unlock()
	select {
	case s.queue <- i:
	case <-ctx.Done():
		return Result{}, fmt.Errorf("no runtime took the invocation: %w", ctx.Err())
	}
	select {
	case r := <-i.answer:
		return r, nil
	case <-ctx.Done():
		return Result{}, fmt.Errorf("the runtime did not answer: %w", ctx.Err())
	}
}

func (s *Server) next(w http.ResponseWriter, r *http.Request) {
	s.started.Do(func() { close(s.ready) })
	select {
	case i := <-s.queue:
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Lambda-Runtime-Aws-Request-Id", i.id)
		h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(i.deadline.UnixMilli(), 10))
		h.Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-west-1:123456789012:function:dt")
		h.Set("Lambda-Runtime-Trace-Id", "Root=1-00000000-000000000000000000000000")
		_, _ = w.Write(i.payload)
	case <-r.Context().Done():
	case <-s.stop:
	}
}

func (s *Server) answered(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	id, what := r.PathValue("id"), r.PathValue("what")
	s.mu.Lock()
	i := s.running[id]
	delete(s.running, id)
	s.mu.Unlock()
	if i == nil || err != nil || what != "response" && what != "error" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	result := Result{Payload: body}
	if what == "error" {
		e := functionError(body)
		result.Error = &e
	}
	// The runtime is answered first: it may ask for the next invocation at once.
	w.WriteHeader(http.StatusAccepted)
	i.answer <- result
}

func (s *Server) initFailed(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	w.WriteHeader(http.StatusAccepted)
	select {
	case s.initError <- functionError(body):
	default:
	}
}

func functionError(body []byte) FunctionError {
	var e FunctionError
	if err := json.Unmarshal(body, &e); err != nil {
		e = FunctionError{Message: strings.TrimSpace(string(body)), Type: "unreadable"}
	}
	return e
}
