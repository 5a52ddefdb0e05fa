//go:build platforms && linux

package doctortest

import (
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/heroku/postgres/postgrestest"
	"github.com/dt-functions/dt-functions/shared/sink/kafka/kafkatest"
)

func TestPostgres(t *testing.T) {
	c, err := postgrestest.Start(t.Context())
	must(t, err)
	t.Cleanup(func() { must(t, c.Close()) })
	events, err := c.NewDatabase(t.Context(), "events")
	must(t, err)
	other, err := c.NewDatabase(t.Context(), "other")
	must(t, err)
	server := build(t, "heroku/server")
	examine(t, platform{
		cloud: "heroku",
		deploy: func(t *testing.T, secret string, sinks []string) string {
			t.Helper()
			return serve(t, server, "DT_SIGNATURE_SECRET="+secret, "DT_SINK="+strings.Join(sinks, ","))
		},
		sinks: []string{events}, empty: []string{other}, absent: []string{c.URL("absent")}, hidden: []string{c.Password()},
	})
	t.Run("by DATABASE_URL", func(t *testing.T) {
		examine(t, platform{
			cloud: "heroku",
			deploy: func(t *testing.T, secret string, sinks []string) string {
				t.Helper()
				return serve(t, server, "DT_SIGNATURE_SECRET="+secret, "DT_SINK="+strings.Join(sinks, ","), "DATABASE_URL="+events)
			},
			sinks: []string{"postgres:"}, empty: []string{other}, absent: []string{c.URL("absent")}, env: []string{"DATABASE_URL=" + events}, hidden: []string{c.Password()},
		})
	})
}

func TestKafka(t *testing.T) {
	b, err := kafkatest.Start(t.Context())
	must(t, err)
	t.Cleanup(func() { must(t, b.Close()) })
	for _, topic := range []string{"events", "other"} {
		must(t, kafkatest.CreateTopic(t.Context(), []string{b.Address()}, topic, 3, nil))
	}
	server := build(t, "heroku/server")
	sink := "kafka://" + b.Address() + "/events"
	examine(t, platform{
		cloud: "ibm",
		deploy: func(t *testing.T, secret string, sinks []string) string {
			t.Helper()
			return serve(t, server, "DT_SIGNATURE_SECRET="+secret, "DT_SINK="+strings.Join(sinks, ","))
		},
		sinks: []string{sink}, empty: []string{"kafka://" + b.Address() + "/other"}, absent: []string{"kafka://" + b.Address() + "/absent"},
	})
}
