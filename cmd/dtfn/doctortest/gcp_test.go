//go:build platforms && linux

package doctortest

import (
	"strings"
	"testing"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"

	"github.com/dt-functions/dt-functions/gcp/pubsub"
	"github.com/dt-functions/dt-functions/gcp/pubsub/pubsubtest"
)

func TestPubSub(t *testing.T) {
	const topic = "projects/plant-7/topics/"
	server := pubsubtest.Start(t, topic+"events", topic+"other")
	emulator := pubsub.EmulatorVariable + "=" + server.Address()
	program := build(t, "gcp/framework")
	examine(t, platform{
		cloud: "gcp",
		deploy: func(t *testing.T, secret string, sinks []string) string {
			t.Helper()
			return serve(t, program, "FUNCTION_TARGET=Receive", "DT_SIGNATURE_SECRET="+secret, "DT_SINK="+strings.Join(sinks, ","), emulator)
		},
		sinks: []string{pubsub.Scheme + "://" + topic + "events"}, empty: []string{pubsub.Scheme + "://" + topic + "other"}, absent: []string{pubsub.Scheme + "://" + topic + "absent"}, env: []string{emulator},
	})
	left, err := server.Fake.GServer.ListSubscriptions(t.Context(), &pubsubpb.ListSubscriptionsRequest{Project: "projects/plant-7"})
	if err != nil || len(left.GetSubscriptions()) > 0 {
		t.Errorf("left behind: %v, %v", left.GetSubscriptions(), err)
	}
}
