// Package queue is the sink for Azure Storage queues: each event is a message.
//
// The message's text is the event in base64, which is what a queue trigger of Azure
// Functions expects unless it is told otherwise (messageEncoding in host.json). Any
// bytes can go in it that way, where plain text would have to be XML's characters.
// Attributes have no place in a message; the event tells them all.
package queue

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/dt-functions/dt-functions/azure/publish"
	"github.com/dt-functions/dt-functions/azure/rest"
	"github.com/dt-functions/dt-functions/azure/storage"
	"github.com/dt-functions/dt-functions/shared/sink"
)

const (
	// Scheme is that of the sink's URLs: azure-queue://account.queue.core.windows.net/queue
	Scheme = "azure-queue"
	// MaxText is the longest text of a message, in bytes ("Put Message").
	MaxText = 64 << 10
	// MaxData is the longest event, in bytes, whose base64 is not above MaxText.
	MaxData = MaxText / 4 * 3
)

// Opener returns what opens such sinks, in accounts that c reaches.
func Opener(c storage.Config) sink.OpenFunc {
	return func(_ context.Context, u *url.URL) (sink.Sink, error) {
		account, name, err := Reach(c, u)
		if err != nil {
			return nil, err
		}
		return publish.New((&queue{account: account, name: name}).put), nil
	}
}

// Reach returns the account's queues, as c reaches them, and the name of the one that
// u is the sink of.
func Reach(c storage.Config, u *url.URL) (*storage.Account, string, error) {
	name, err := queueName(u)
	if err != nil {
		return nil, "", err
	}
	account, err := storage.Open(c, "queue", u.Host)
	return account, name, err
}

type queue struct {
	account *storage.Account
	name    string
}

// put stores a message. Sent twice, after an answer that got lost, it is there twice:
// consumers know it by the event's id.
func (q *queue) put(ctx context.Context, m *sink.Message) error {
	if len(m.Data) > MaxData {
		return fmt.Errorf("%w: %d bytes; a Storage queue takes %d, which are 64 KiB in base64", sink.ErrTooLarge, len(m.Data), MaxData)
	}
	_, err := q.account.Do(ctx, storage.Call{
		Method: http.MethodPost,
		Path:   []string{q.name, "messages"},
		// Without it a message would be gone after 7 days.
		Query:  url.Values{"messagettl": {"-1"}},
		Header: map[string]string{"Content-Type": "application/xml"},
		Body:   []byte("<QueueMessage><MessageText>" + base64.StdEncoding.EncodeToString(m.Data) + "</MessageText></QueueMessage>"),
	})
	return explain(err)
}

// explain returns err with what to do about it.
func explain(err error) error {
	answer, ok := errors.AsType[*rest.Error](err)
	switch {
	case !ok:
		return err
	case answer.Status == http.StatusRequestEntityTooLarge, answer.Code == "MessageTooLarge":
		return fmt.Errorf("%w: %w", sink.ErrTooLarge, err)
	case answer.Code == "QueueNotFound":
		return fmt.Errorf("%w; make the queue", err)
	case answer.Status == http.StatusForbidden, answer.Status == http.StatusUnauthorized:
		return fmt.Errorf("%w; give the app's identity the role Storage Queue Data Message Sender on the queue (a new role takes some minutes), or check %s", err, storage.Variable)
	}
	return err
}

// queueName returns the queue that u names ("Naming queues and metadata").
func queueName(u *url.URL) (string, error) {
	name := strings.Trim(u.Path, "/")
	switch {
	case u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Port() != "":
		return "", errors.New("has more than a host and a queue; credentials are not part of the URL")
	case len(name) < 3 || len(name) > 63 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "",
		name[0] == '-' || name[len(name)-1] == '-' || strings.Contains(name, "--"):
		return "", errors.New("names no queue; want /queue as the path, of 3 to 63 lower-case letters, digits and single hyphens")
	}
	return name, nil
}
