package kafka

import (
	"context"
	"errors"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// How long to ask a client for its producer id. It has one, or knows that it gets
// none, and answers at once.
const producerIDTimeout = time.Second

// replaceIfStuck takes client out of at when it can send nothing any more, so that the
// next Publish makes a new one. err is what client has answered.
//
// A client that the brokers give no producer id, because its user may not write yet
// or they have an error of their own, fails whatever it is given from then on, also
// when the brokers would give it one.
func (p *producer) replaceIfStuck(ctx context.Context, at **kgo.Client, client *kgo.Client, err error) {
	if !lasts(err) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, producerIDTimeout)
	defer cancel()
	if _, _, err := client.ProducerID(ctx); !lasts(err) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if *at != client {
		return
	}
	*at = nil
	// Everything that it holds fails at once. Not awaited here: the caller's answer
	// need not wait for connections to close.
	p.publishing.Go(client.Close)
}

// lasts reports whether err is a broker's answer that a client takes as its last word.
func lasts(err error) bool {
	_, answered := errors.AsType[*kerr.Error](err)
	return answered && !kerr.IsRetriable(err)
}
