//go:build platforms && linux

package doctortest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"cloud.google.com/go/pubsub/v2/pstest"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/dt-functions/dt-functions/gcp/pubsub"
)

func TestPubSub(t *testing.T) {
	fake := pstest.NewServer()
	t.Cleanup(func() { must(t, fake.Close()) })
	for _, topic := range []string{"events", "other"} {
		_, err := fake.GServer.CreateTopic(t.Context(), &pubsubpb.Topic{Name: "projects/plant-7/topics/" + topic})
		must(t, err)
	}
	rest := httptest.NewServer(&bridge{t, fake})
	t.Cleanup(rest.Close)
	emulator := pubsub.EmulatorVariable + "=" + rest.Listener.Addr().String()
	program := build(t, "gcp/framework")
	examine(t, platform{
		cloud: "gcp",
		deploy: func(t *testing.T, secret string) string {
			t.Helper()
			return serve(t, program, "FUNCTION_TARGET=Receive", "DT_SIGNATURE_SECRET="+secret, "DT_SINK="+pubsub.Scheme+"://projects/plant-7/topics/events", emulator)
		},
		sinks: []string{pubsub.Scheme + "://projects/plant-7/topics/events"}, empty: []string{pubsub.Scheme + "://projects/plant-7/topics/other"}, env: []string{emulator},
	})
	left, err := fake.GServer.ListSubscriptions(t.Context(), &pubsubpb.ListSubscriptionsRequest{Project: "projects/plant-7"})
	if err != nil || len(left.GetSubscriptions()) > 0 {
		t.Errorf("left behind: %v, %v", left.GetSubscriptions(), err)
	}
}

// A bridge is the REST API before the fake, which speaks gRPC only.
type bridge struct {
	t    *testing.T
	fake *pstest.Server
}

func (b *bridge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	name, verb, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/v1/"), ":")
	var answer proto.Message
	switch r.Method + " " + verb {
	case "POST publish":
		in := &pubsubpb.PublishRequest{}
		if err = protojson.Unmarshal(body, in); err == nil {
			in.Topic = name
			answer, err = b.fake.GServer.Publish(r.Context(), in)
		}
	case "PUT ":
		in := &pubsubpb.Subscription{}
		if err = protojson.Unmarshal(body, in); err == nil {
			in.Name = name
			answer, err = b.fake.GServer.CreateSubscription(r.Context(), in)
		}
	case "POST pull":
		in := &pubsubpb.PullRequest{}
		if err = protojson.Unmarshal(body, in); err == nil {
			in.Subscription = name
			answer, err = b.fake.GServer.Pull(r.Context(), in)
		}
	case "POST acknowledge":
		in := &pubsubpb.AcknowledgeRequest{}
		if err = protojson.Unmarshal(body, in); err == nil {
			in.Subscription = name
			answer, err = b.fake.GServer.Acknowledge(r.Context(), in)
		}
	case "DELETE ":
		answer, err = b.fake.GServer.DeleteSubscription(r.Context(), &pubsubpb.DeleteSubscriptionRequest{Subscription: name})
	default:
		b.t.Errorf("no method %s %s", r.Method, r.URL.Path)
		http.NotFound(w, r)
		return
	}
	var encoded []byte
	if err == nil {
		encoded, err = protojson.Marshal(answer)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(encoded)
}
