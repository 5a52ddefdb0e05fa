package kafka

import (
	"context"
	"fmt"
)

// Ping reports whether a broker can be reached now, and takes the login.
func (p *producer) Ping(ctx context.Context) error {
	if err := p.begin(ctx); err != nil {
		return err
	}
	defer p.publishing.Done()
	client, err := p.client(&p.shared)
	if err != nil {
		return err
	}
	if err := client.Ping(ctx); err != nil {
		return p.trouble.explain(fmt.Errorf("asking the Kafka brokers: %w", plainError(err)))
	}
	return nil
}
