package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/cenkalti/backoff/v5"
)

const (
	// patience is how long a request is tried again where the caller's context has no
	// nearer end.
	patience = 8 * time.Second
	// The wait before the second attempt and the longest one, in the mean.
	firstWait   = 100 * time.Millisecond
	longestWait = 2 * time.Second
)

// tokenError is an error of a TokenSource, which has done its own retries.
type tokenError struct{ err error }

func (e *tokenError) Error() string { return e.err.Error() }
func (e *tokenError) Unwrap() error { return e.err }

// Do sends r and returns the answer. When the answer's status is 300 or above, the
// error wraps an *Error. What may pass is tried again, a little later each time, as
// long as ctx allows; when there is no time left for it the error wraps
// context.DeadlineExceeded too.
func (c *Client) Do(ctx context.Context, r Request) (Response, error) {
	left := patience
	if deadline, ok := ctx.Deadline(); ok {
		left = max(min(left, time.Until(deadline)), 1) // 0 would be no limit
	}
	waits := backoff.NewExponentialBackOff()
	waits.InitialInterval, waits.MaxInterval, waits.Multiplier = firstWait, longestWait, 2
	var last error
	again := false
	response, err := backoff.Retry(ctx, func() (Response, error) {
		response, err := c.attempt(ctx, r)
		last, again = err, mayPass(err, r.Once)
		switch answer, ok := errors.AsType[*Error](err); {
		case err == nil:
			return response, nil
		case !again:
			return response, backoff.Permanent(err)
		case ok && answer.RetryAfter > 0:
			return response, &backoff.RetryAfterError{Duration: answer.RetryAfter}
		}
		return response, err
	}, backoff.WithBackOff(waits), backoff.WithMaxElapsedTime(left))
	if err == nil {
		return response, nil
	}
	if cause := ctx.Err(); cause != nil && !errors.Is(last, cause) {
		return Response{}, fmt.Errorf("%w: %w", last, cause)
	}
	if again && !errors.Is(last, context.DeadlineExceeded) {
		return Response{}, fmt.Errorf("%w, and no time is left to try again: %w", last, context.DeadlineExceeded)
	}
	return Response{}, last
}

// mayPass reports whether a request is to be sent again after err (for Pub/Sub,
// "Error codes": ABORTED, CANCELLED, DEADLINE_EXCEEDED, INTERNAL, RESOURCE_EXHAUSTED
// and UNAVAILABLE; for Cloud Storage, "Retry strategy"). once is that of Request.
func mayPass(err error, once bool) bool {
	if _, ok := errors.AsType[*tokenError](err); ok {
		return false
	}
	answer, ok := errors.AsType[*Error](err)
	if !ok {
		return !once // no answer: it may have been done
	}
	switch answer.Status {
	case http.StatusTooManyRequests:
		return true // refused before anything was done
	case http.StatusRequestTimeout, statusCancelled, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return !once
	case http.StatusConflict:
		return !once && answer.Code == "ABORTED"
	}
	return false
}

// statusCancelled is what gRPC's CANCELLED is in HTTP (google/rpc/code.proto).
const statusCancelled = 499
