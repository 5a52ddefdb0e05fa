// Package servicebus is the sink for Azure Service Bus queues and topics, by the REST
// API: each event is a message.
//
// The message's id is the event's, so that an entity with duplicate detection drops
// what comes again within its window. Its answer does not tell, so the sink cannot
// either. The event's attributes are the message's application properties, by which
// the subscriptions of a topic can filter.
package servicebus

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/dt-functions/dt-functions/azure/buskey"
	"github.com/dt-functions/dt-functions/azure/publish"
	"github.com/dt-functions/dt-functions/azure/rest"
	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/sink"
)

const (
	// Scheme is that of the sink's URLs: azure-servicebus://namespace.servicebus.windows.net/queue-or-topic
	Scheme = "azure-servicebus"
	// Variable is the name of the variable that a connection string is in.
	Variable = "AZURE_SERVICEBUS_CONNECTION_STRING"
	// resource is what access tokens are for.
	resource = "https://servicebus.azure.net/"

	// The longest messages, properties included, in bytes ("Service Bus quotas"): of
	// the Standard tier, and of the Premium tier over HTTP.
	maxStandard = 256 << 10
	maxPremium  = 1 << 20
	// MaxData is the longest event, in bytes, that is sent: what a Premium namespace
	// takes, without the most that the properties can have.
	MaxData = maxPremium - 16<<10
)

// Config says how namespaces are reached.
type Config struct {
	// ConnectionString is that of the namespace or the entity that sinks name
	// (Variable). Zero means that Tokens are used.
	ConnectionString secret.Text
	// Tokens are the managed identity's. Required.
	Tokens rest.TokenSource
	// Client sends the requests. Required. It must speak HTTP/1.1 only: a property's
	// name is the name of a header, and HTTP/2 makes those lower-case.
	Client *http.Client
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Opener returns what opens such sinks, in namespaces that c reaches.
func Opener(c Config) sink.OpenFunc {
	return func(_ context.Context, u *url.URL) (sink.Sink, error) {
		e, err := c.reach(u)
		if err != nil {
			return nil, err
		}
		return publish.New(e.send), nil
	}
}

// Reach returns what sends requests to the queue or topic that u is the sink of, and
// its address: what belongs to it is below.
func Reach(c Config, u *url.URL) (*rest.Client, *url.URL, error) {
	e, err := c.reach(u)
	if err != nil {
		return nil, nil, err
	}
	return e.client, e.target.address(), nil
}

func (c Config) reach(u *url.URL) (*entity, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	t, err := parseTarget(u)
	if err != nil {
		return nil, err
	}
	auth, err := c.authorizer(t)
	if err != nil {
		return nil, err
	}
	return &entity{target: t, client: rest.NewClient(c.Client, auth)}, nil
}

func (c Config) authorizer(t target) (rest.Authorizer, error) {
	if c.ConnectionString.IsZero() {
		return rest.Bearer(c.Tokens, resource), nil
	}
	key, err := buskey.Parse(c.ConnectionString.Reveal())
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s %w; want Endpoint=sb://…/;SharedAccessKeyName=…;SharedAccessKey=…, or remove it to use the managed identity", Variable, err)
	case key.Host != t.host:
		return nil, fmt.Errorf("is of the namespace %s, but %s is of another; they must be the same", t.host, Variable)
	case key.Entity != "" && key.Entity != t.entity:
		return nil, fmt.Errorf("is of the entity %s, but %s is of another (EntityPath); they must be the same", t.entity, Variable)
	}
	return newSharedAccess(key, t, c.Now), nil
}

type entity struct {
	target target
	client *rest.Client
}

// send stores a message ("Send Message"). Sent twice, after an answer that got lost,
// it has the same id.
func (e *entity) send(ctx context.Context, m *sink.Message) error {
	if len(m.Data) > MaxData {
		return fmt.Errorf("%w: %d bytes; Service Bus takes %d over HTTP (Premium tier)", sink.ErrTooLarge, len(m.Data), MaxData)
	}
	header, size := e.target.header(m)
	_, err := e.client.Do(ctx, rest.Request{
		Method: http.MethodPost,
		URL:    e.target.messages(),
		Header: header,
		Body:   bytes.Clone(m.Data), // the transport may read it a little longer
	})
	return explain(err, size)
}

// explain returns err with what to do about it.
func explain(err error, size int) error {
	answer, ok := errors.AsType[*rest.Error](err)
	if !ok {
		return err
	}
	switch answer.Status {
	case http.StatusRequestEntityTooLarge:
		return fmt.Errorf("%w: %w", sink.ErrTooLarge, err)
	case http.StatusForbidden:
		// It means "quota exceeded or message too large". A message that a Standard
		// namespace can never take is the latter.
		if size > maxStandard {
			return fmt.Errorf("%w: %d bytes with its properties: %w", sink.ErrTooLarge, size, err)
		}
		return fmt.Errorf("%w; the entity is full, or may not be sent to: give the app's identity the role Azure Service Bus Data Sender, or check %s", err, Variable)
	case http.StatusUnauthorized:
		return fmt.Errorf("%w; give the app's identity the role Azure Service Bus Data Sender (a new role takes some minutes), or check %s", err, Variable)
	case http.StatusNotFound, http.StatusGone:
		return fmt.Errorf("%w; make the queue or topic", err)
	}
	return err
}
