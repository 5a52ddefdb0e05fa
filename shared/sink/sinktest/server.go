package sinktest

import (
	"context"
	"net"
	"net/http"
	"testing"
)

// A Server serves a stand-in for a broker over HTTP on one port of this machine, and
// can be killed. What the stand-in keeps outlives that, as on a disk.
type Server struct {
	handler http.Handler
	address string
	server  *http.Server
}

// NewServer returns a server that has started, and has t stop it.
func NewServer(t *testing.T, handler http.Handler) *Server {
	t.Helper()
	s := &Server{handler: handler, address: "127.0.0.1:0"}
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Kill(context.Background()) })
	return s
}

// Address returns the server's host and port, the same for its whole life.
func (s *Server) Address() string { return s.address }

// Start starts the server, also after Kill.
func (s *Server) Start(ctx context.Context) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", s.address)
	if err != nil {
		return err
	}
	s.address = listener.Addr().String()
	s.server = &http.Server{Handler: s.handler}
	go func(server *http.Server) { _ = server.Serve(listener) }(s.server)
	return nil
}

// Kill tears every connection and ends the server.
func (s *Server) Kill(context.Context) error { return s.server.Close() }
