// Package pubsubtest puts Pub/Sub's REST API in front of the official fake, which speaks
// gRPC only.
package pubsubtest

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"cloud.google.com/go/pubsub/v2/pstest"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/dt-functions/dt-functions/gcp/pubsub"
)

// A Server is the fake with the REST API. Bodies are decoded by the protocol's own
// definition. It is an http.Handler, too, for who serves it otherwise.
type Server struct {
	// Fake is what is behind it.
	Fake *pstest.Server
	// Before, unless nil, is called before each request. Its error, one of gRPC's, is
	// the answer.
	Before func(r *http.Request, body []byte) error

	web *httptest.Server
}

// Start returns a Server with these topics, by their full names, and has t stop it.
func Start(t *testing.T, topics ...string) *Server {
	t.Helper()
	s := &Server{Fake: pstest.NewServer()}
	t.Cleanup(func() {
		if err := s.Fake.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, topic := range topics {
		if _, err := s.Fake.GServer.CreateTopic(t.Context(), &pubsubpb.Topic{Name: topic}); err != nil {
			t.Fatal(err)
		}
	}
	s.web = httptest.NewServer(s)
	t.Cleanup(s.web.Close)
	return s
}

// Address is host and port, as the variable pubsub.EmulatorVariable has them.
func (s *Server) Address() string { return s.web.Listener.Addr().String() }

// Config reaches the server as an emulator.
func (s *Server) Config() pubsub.Config {
	return pubsub.Config{Emulator: s.Address(), Client: s.web.Client()}
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer, err := s.serve(r)
	var encoded []byte
	if err == nil {
		encoded, err = protojson.Marshal(answer)
	}
	if err != nil {
		fail(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(encoded) // the client may have gone
}

func (s *Server) serve(r *http.Request) (proto.Message, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	if s.Before != nil {
		if err := s.Before(r, body); err != nil {
			return nil, err
		}
	}
	decode := func(into proto.Message) error {
		err := protojson.Unmarshal(body, into)
		if r.Header.Get("Content-Type") != "application/json" {
			err = errors.New("the body is not said to be JSON")
		}
		if err != nil {
			return status.Error(codes.InvalidArgument, err.Error())
		}
		return nil
	}
	fake := &s.Fake.GServer
	name, verb, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/v1/"), ":")
	switch r.Method + " " + verb {
	case "POST publish":
		in := &pubsubpb.PublishRequest{}
		if err := decode(in); err != nil {
			return nil, err
		}
		in.Topic = name
		return fake.Publish(r.Context(), in)
	case "PUT ":
		in := &pubsubpb.Subscription{}
		if err := decode(in); err != nil {
			return nil, err
		}
		in.Name = name
		return fake.CreateSubscription(r.Context(), in)
	case "DELETE ":
		return fake.DeleteSubscription(r.Context(), &pubsubpb.DeleteSubscriptionRequest{Subscription: name})
	case "POST pull":
		in := &pubsubpb.PullRequest{}
		if err := decode(in); err != nil {
			return nil, err
		}
		in.Subscription = name
		return fake.Pull(r.Context(), in)
	case "POST acknowledge":
		in := &pubsubpb.AcknowledgeRequest{}
		if err := decode(in); err != nil {
			return nil, err
		}
		in.Subscription = name
		return fake.Acknowledge(r.Context(), in)
	}
	return nil, status.Errorf(codes.Unimplemented, "no method %s %s", r.Method, r.URL.Path)
}

// fail answers as Google's services do ("Errors" of the API design guide).
func fail(w http.ResponseWriter, err error) {
	known := map[codes.Code]struct {
		status int
		name   string
	}{
		codes.InvalidArgument:   {http.StatusBadRequest, "INVALID_ARGUMENT"},
		codes.PermissionDenied:  {http.StatusForbidden, "PERMISSION_DENIED"},
		codes.Unauthenticated:   {http.StatusUnauthorized, "UNAUTHENTICATED"},
		codes.NotFound:          {http.StatusNotFound, "NOT_FOUND"},
		codes.AlreadyExists:     {http.StatusConflict, "ALREADY_EXISTS"},
		codes.Aborted:           {http.StatusConflict, "ABORTED"},
		codes.ResourceExhausted: {http.StatusTooManyRequests, "RESOURCE_EXHAUSTED"},
		codes.Unimplemented:     {http.StatusNotImplemented, "UNIMPLEMENTED"},
		codes.Unavailable:       {http.StatusServiceUnavailable, "UNAVAILABLE"},
	}
	what, ok := known[status.Code(err)]
	if !ok {
		what.status, what.name = http.StatusInternalServerError, "INTERNAL"
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(what.status)
	_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]any{
		"code": what.status, "status": what.name, "message": status.Convert(err).Message(),
	}})
}
