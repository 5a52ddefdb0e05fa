package azurefind

import (
	"context"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/dt-functions/dt-functions/azure/queue"
	"github.com/dt-functions/dt-functions/azure/rest"
	"github.com/dt-functions/dt-functions/azure/storage"
	"github.com/dt-functions/dt-functions/shared/sink/find"
)

// peeked is how many messages a peek shows at most ("Peek Messages").
const peeked = 32

// storageQueue looks into a Storage queue by peeking, which neither hides a message nor
// counts as its delivery. What is found stays: to delete a message one must first have
// received it, and who receives may get another one.
type storageQueue struct {
	account *storage.Account
	name    string
	full    bool // the last peek may not have shown all that waits
}

func openQueue(c storage.Config) find.OpenFunc {
	return func(u *url.URL) (find.Finder, error) {
		account, name, err := queue.Reach(c, u)
		if err != nil {
			return nil, fmt.Errorf("the sink's URL %w", err)
		}
		return &storageQueue{account: account, name: name}, nil
	}
}

// Prepare peeks once, to see whether that is possible.
func (q *storageQueue) Prepare(ctx context.Context) error {
	_, err := q.peek(ctx)
	return err
}

// Find peeks until the event is among the first messages. Behind many others it is not
// seen before consumers have come that far.
func (q *storageQueue) Find(ctx context.Context, id string) error {
	err := find.Poll(ctx, 200*time.Millisecond, func(ctx context.Context) (bool, error) {
		texts, err := q.peek(ctx)
		if err != nil {
			return false, err
		}
		for _, text := range texts {
			// Those of others may be no base64.
			if data, err := base64.StdEncoding.DecodeString(text); err == nil && strings.Contains(string(data), id) {
				return true, nil
			}
		}
		return false, nil
	})
	switch {
	case err != find.ErrNotFound:
		return err
	case q.full:
		return fmt.Errorf("%w so far: a look shows the first %d messages, and so many wait before it", find.ErrBlind, peeked)
	}
	return find.ErrTaken
}

// peek returns the texts of the first messages.
func (q *storageQueue) peek(ctx context.Context) ([]string, error) {
	answer, err := q.account.Do(ctx, storage.Call{
		Method: http.MethodGet, Path: []string{q.name, "messages"},
		Query: url.Values{"peekonly": {"true"}, "numofmessages": {fmt.Sprint(peeked)}},
	})
	if err != nil {
		return nil, explainStorage(err)
	}
	var list struct {
		Texts []string `xml:"QueueMessage>MessageText"`
	}
	if xml.Unmarshal(answer.Body, &list) != nil {
		return nil, errors.New("the answer of the queue cannot be read")
	}
	q.full = len(list.Texts) >= peeked
	return list.Texts, nil
}

func (q *storageQueue) Close(context.Context) error { return nil }

// explainStorage returns err with what to do about it.
func explainStorage(err error) error {
	answer, ok := errors.AsType[*rest.Error](err)
	switch {
	case ok && answer.Code == "QueueNotFound":
		return fmt.Errorf("%w: %w", find.ErrAbsent, err)
	case ok && (answer.Status == http.StatusForbidden || answer.Status == http.StatusUnauthorized):
		return fmt.Errorf("%w; it takes the role Storage Queue Data Reader on the queue, or %s of its account", err, storage.Variable)
	}
	return err
}
