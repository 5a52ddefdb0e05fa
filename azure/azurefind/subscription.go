package azurefind

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/dt-functions/dt-functions/azure/rest"
	"github.com/dt-functions/dt-functions/shared/sink/find"
)

// A subscription is one of a topic, of this finder alone.
type subscription struct {
	*entity
	name string // "" before it is made
}

// A new subscription takes all messages. Should it be left behind, Service Bus removes
// it after five minutes without use, the shortest that it takes.
const newSubscription = `<entry xmlns="http://www.w3.org/2005/Atom"><content type="application/xml">` +
	`<SubscriptionDescription xmlns="http://schemas.microsoft.com/netservices/2010/10/servicebus/connect">` +
	`<DefaultMessageTimeToLive>PT5M</DefaultMessageTimeToLive><AutoDeleteOnIdle>PT5M</AutoDeleteOnIdle>` +
	`</SubscriptionDescription></content></entry>`

func (s *subscription) path() *url.URL { return s.address.JoinPath("subscriptions", s.name) }

// Prepare makes the subscription.
func (s *subscription) Prepare(ctx context.Context) error {
	s.name = find.NewName()
	_, err := s.do(ctx, rest.Request{
		Method: http.MethodPut, URL: query(s.path(), management), Body: []byte(newSubscription),
		Header: http.Header{"Content-Type": {"application/atom+xml;type=entry;charset=utf-8"}},
	})
	if answer, ok := errors.AsType[*rest.Error](err); ok && answer.Status < http.StatusInternalServerError {
		s.name = "" // it is refused, so that nothing is to be removed
	}
	return explainManagement(err)
}

// Find takes all that comes, since it is nobody else's.
func (s *subscription) Find(ctx context.Context, id string) error {
	return find.Poll(ctx, 100*time.Millisecond, func(ctx context.Context) (bool, error) {
		for {
			answer, err := s.do(ctx, rest.Request{Method: http.MethodDelete, URL: query(s.path().JoinPath("messages", "head"), "timeout=1")})
			if err != nil || answer.Status == http.StatusNoContent {
				return false, explainReceive(err)
			}
			if is(answer, id) {
				return true, nil
			}
		}
	})
}

// Close removes the subscription.
func (s *subscription) Close(ctx context.Context) error {
	if s.name == "" {
		return nil
	}
	_, err := s.client.Do(ctx, rest.Request{Method: http.MethodDelete, URL: query(s.path(), management)})
	if gone(err) {
		return nil // it was never made
	}
	if err != nil {
		return fmt.Errorf("subscription %s: %w", s.name, err)
	}
	return nil
}
