package azurefind

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/dt-functions/dt-functions/azure/rest"
	"github.com/dt-functions/dt-functions/shared/sink/find"
)

// cleanup is how long it may take to give a message back when the caller has given up.
const cleanup = 5 * time.Second

// maxLooks is how many messages of others are locked at most.
const maxLooks = 3

// busQueue looks into a queue of Service Bus. The REST API cannot browse: to see a
// message is to lock it, and each lock counts as a delivery, after some of which the
// message is dead. So a look is taken only when a single message waits, which is the
// event unless it has been taken and another has come.
type busQueue struct {
	*entity
	waiting int  // at the last look
	foreign bool // the one that waits is of others
	looks   int  // how often that was found out
}

func (q *busQueue) Prepare(context.Context) error { return nil }

// Find removes the event where it finds it.
func (q *busQueue) Find(ctx context.Context, id string) error {
	err := find.Poll(ctx, 200*time.Millisecond, func(ctx context.Context) (bool, error) { return q.look(ctx, id) })
	switch {
	case err != find.ErrNotFound:
		return err
	case q.waiting > 1:
		return fmt.Errorf("%w without taking messages from the consumers for a moment: %d wait in the queue", find.ErrBlind, q.waiting)
	}
	return find.ErrTaken
}

func (q *busQueue) look(ctx context.Context, id string) (bool, error) {
	d, err := q.describe(ctx)
	if err != nil {
		return false, err
	}
	if d.Queue == nil {
		return false, errors.New("the queue has been made anew as a topic meanwhile")
	}
	if q.waiting = d.Queue.Active; q.waiting != 1 {
		q.foreign = false
		return false, nil
	}
	if q.foreign || q.looks >= maxLooks {
		return false, nil
	}
	// It is not broken off: what it locks must be given back.
	locking, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanup)
	defer cancel()
	answer, err := q.do(locking, rest.Request{Method: http.MethodPost, URL: query(q.address.JoinPath("messages", "head"), "timeout=1")})
	if err != nil {
		return false, explainReceive(err)
	}
	if answer.Status == http.StatusNoContent {
		return false, nil // a consumer has it
	}
	lock, err := q.lock(answer)
	if err != nil {
		return false, err
	}
	// What comes now must happen, also when the caller has given up.
	clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanup)
	defer cancel()
	if is(answer, id) {
		// What is not deleted is seen by consumers, who know it by its label.
		_, _ = q.do(clean, rest.Request{Method: http.MethodDelete, URL: lock})
		return true, nil
	}
	q.foreign = true
	q.looks++
	if _, err := q.client.Do(clean, rest.Request{Method: http.MethodPut, URL: lock}); err != nil && !gone(err) {
		return false, fmt.Errorf("a message of others was locked, and could not be given back before its lock ends: %w", err)
	}
	return false, nil
}

// lock returns the address of the lock on a message. Credentials are sent there: it
// must be the queue's.
func (q *busQueue) lock(answer rest.Response) (*url.URL, error) {
	u, err := url.Parse(answer.Header.Get("Location"))
	if err != nil || !strings.EqualFold(u.Host, q.address.Host) || !strings.HasPrefix(strings.ToLower(u.Path), strings.ToLower(q.address.Path)+"/messages/") {
		return nil, errors.New("the answer of the queue does not say how the message is given back")
	}
	return &url.URL{Scheme: "https", Host: q.address.Host, Path: u.Path, RawPath: u.RawPath}, nil
}

func (q *busQueue) Close(context.Context) error { return nil }

// gone tells whether what a request is about is there no longer, or not at all.
func gone(err error) bool {
	answer, ok := errors.AsType[*rest.Error](err)
	return ok && (answer.Status == http.StatusNotFound || answer.Status == http.StatusGone)
}

// explainReceive returns err with what to do about it.
func explainReceive(err error) error {
	answer, ok := errors.AsType[*rest.Error](err)
	if ok && (answer.Status == http.StatusForbidden || answer.Status == http.StatusUnauthorized) {
		return &blindError{fmt.Errorf("without the right to listen: %w; give yourself the role Azure Service Bus Data Owner, or a key with the rights Manage and Listen", err)}
	}
	return err
}
