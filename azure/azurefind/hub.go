package azurefind

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/dt-functions/dt-functions/azure/eventhubs"
	"github.com/dt-functions/dt-functions/shared/sink/find"
	"github.com/dt-functions/dt-functions/shared/sink/kafka/kafkafind"
)

// A hub is one of Event Hubs, read by its Kafka endpoint.
type hub struct{ find.Finder }

func openHub(c eventhubs.Config) find.OpenFunc {
	return func(u *url.URL) (find.Finder, error) {
		k, err := eventhubs.KafkaConfig(u, c)
		if err != nil {
			return nil, fmt.Errorf("the sink's URL %w", err)
		}
		return hub{kafkafind.New(k)}, nil
	}
}

func (h hub) Prepare(ctx context.Context) error { return explainHub(h.Finder.Prepare(ctx)) }

func (h hub) Find(ctx context.Context, id string) error {
	return explainHub(h.Finder.Find(ctx, id))
}

// explainHub returns err with what to do about it.
func explainHub(err error) error {
	if errors.Is(err, kafkafind.ErrRefused) {
		return fmt.Errorf("%w's endpoint of the hub: it takes the role Azure Event Hubs Data Receiver on the hub, or %s with the right to listen", kafkafind.ErrRefused, eventhubs.Variable)
	}
	return err
}
