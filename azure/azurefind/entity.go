package azurefind

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/dt-functions/dt-functions/azure/rest"
	"github.com/dt-functions/dt-functions/azure/servicebus"
	"github.com/dt-functions/dt-functions/shared/sink/find"
)

// management are the query parameters of calls that describe, make and remove entities.
const management = "api-version=2017-04"

// An entity is a queue or a topic of Service Bus: which of them, it says in Prepare.
type entity struct {
	client  *rest.Client
	address *url.URL
	finder  find.Finder // nil before it is known
}

func openEntity(c servicebus.Config) find.OpenFunc {
	return func(u *url.URL) (find.Finder, error) {
		client, address, err := servicebus.Reach(c, u)
		if err != nil {
			return nil, fmt.Errorf("the sink's URL %w", err)
		}
		return &entity{client: client, address: address}, nil
	}
}

// A description is what Service Bus says of an entity.
type description struct {
	XMLName xml.Name
	Queue   *struct {
		RequiresSession bool
		ForwardTo       string
		Active          int `xml:"CountDetails>ActiveMessageCount"`
	} `xml:"content>QueueDescription"`
	Topic *struct{} `xml:"content>TopicDescription"`
}

// describe asks what the entity is and how many messages wait in it.
func (e *entity) describe(ctx context.Context) (description, error) {
	var d description
	answer, err := e.do(ctx, rest.Request{Method: http.MethodGet, URL: query(e.address, management)})
	if err != nil {
		return d, explainManagement(err)
	}
	switch err := xml.Unmarshal(answer.Body, &d); {
	case err == nil && (d.Queue != nil || d.Topic != nil):
		return d, nil
	case err == nil && d.XMLName.Local == "feed": // an empty one
		return d, fmt.Errorf("%w: the namespace has no queue or topic of that name", find.ErrAbsent)
	}
	return d, errors.New("the answer of the namespace cannot be read")
}

// Prepare asks what the entity is, and then prepares to look into that.
func (e *entity) Prepare(ctx context.Context) error {
	d, err := e.describe(ctx)
	if err != nil {
		return err
	}
	switch {
	case d.Topic != nil:
		e.finder = &subscription{entity: e}
	case d.Queue.RequiresSession:
		return fmt.Errorf("%w: the queue requires sessions, which the REST API cannot receive from", find.ErrBlind)
	case d.Queue.ForwardTo != "":
		return fmt.Errorf("%w: the queue forwards its messages to another entity", find.ErrBlind)
	default:
		e.finder = &busQueue{entity: e}
	}
	return e.finder.Prepare(ctx)
}

func (e *entity) Find(ctx context.Context, id string) error { return e.finder.Find(ctx, id) }

func (e *entity) Close(ctx context.Context) error {
	if e.finder == nil {
		return nil
	}
	return e.finder.Close(ctx)
}

// Late tells whether it is a topic: its new subscription may take effect late.
func (e *entity) Late() bool {
	_, ok := e.finder.(*subscription)
	return ok
}

// do sends a request. A lock must not be taken twice: the first would be forgotten.
func (e *entity) do(ctx context.Context, r rest.Request) (rest.Response, error) {
	r.Once = true
	return e.client.Do(ctx, r)
}

// query returns u with a query.
func query(u *url.URL, text string) *url.URL {
	own := *u
	own.RawQuery = text
	return &own
}

// is tells whether a message is the event of that id.
func is(answer rest.Response, id string) bool {
	return strings.Contains(answer.Header.Get("BrokerProperties"), `"`+id+`"`) || strings.Contains(string(answer.Body), id)
}

// explainManagement returns err with what to do about it.
func explainManagement(err error) error {
	answer, ok := errors.AsType[*rest.Error](err)
	switch {
	case ok && (answer.Status == http.StatusForbidden || answer.Status == http.StatusUnauthorized):
		return &blindError{fmt.Errorf("without the right to manage it, which tells how to look without harm: %w; give yourself the role Azure Service Bus Data Owner, or set %s with the right Manage", err, servicebus.Variable)}
	case gone(err):
		return fmt.Errorf("%w: %w", find.ErrAbsent, err)
	}
	return err
}

// blindError is a find.ErrBlind with a cause.
type blindError struct{ cause error }

func (e *blindError) Error() string   { return find.ErrBlind.Error() + " " + e.cause.Error() }
func (e *blindError) Unwrap() []error { return []error{find.ErrBlind, e.cause} }
