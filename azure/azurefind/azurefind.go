// Package azurefind looks for an event in the sinks of Azure: in a Storage queue by
// peeking, in Event Hubs by the Kafka endpoint, in a queue of Service Bus where nothing
// else waits, and behind a topic by a subscription of its own that is removed afterwards.
package azurefind

import (
	"github.com/dt-functions/dt-functions/azure/eventhubs"
	"github.com/dt-functions/dt-functions/azure/queue"
	"github.com/dt-functions/dt-functions/azure/servicebus"
	"github.com/dt-functions/dt-functions/azure/storage"
	"github.com/dt-functions/dt-functions/shared/sink/find"
)

// Config says how Azure's services are reached: as whoever looks, not as the app, which
// may only send.
type Config struct {
	Storage    storage.Config
	ServiceBus servicebus.Config
	EventHubs  eventhubs.Config
}

// Drivers returns the finders of Azure's sinks.
func Drivers(c Config) find.Drivers {
	return find.Drivers{
		queue.Scheme:      openQueue(c.Storage),
		servicebus.Scheme: openEntity(c.ServiceBus),
		eventhubs.Scheme:  openHub(c.EventHubs),
	}
}
