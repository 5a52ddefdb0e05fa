package rest

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"time"
)

// firstWait is the wait before the second attempt, in the mean; it triples from
// attempt to attempt. DT waits 10 s for an answer, so there is no time for long ones.
const firstWait = 100 * time.Millisecond

// authorizeError is an error of an Authorizer, which has done its own retries.
type authorizeError struct{ err error }

func (e *authorizeError) Error() string { return e.err.Error() }
func (e *authorizeError) Unwrap() error { return e.err }

// retryAfter says whether a request is to be sent again after attempt n has failed
// with err, and how long to wait before. once is that of Request.
func retryAfter(err error, n int, once bool) (time.Duration, bool) {
	wait := firstWait
	for range n - 1 {
		wait *= 3
	}
	// Half of it to one and a half: those who failed together do not come back
	// together.
	wait = wait/2 + rand.N(wait)
	if _, ok := errors.AsType[*authorizeError](err); ok {
		return 0, false
	}
	answer, ok := errors.AsType[*Error](err)
	if !ok {
		return wait, !once // no answer: it may have been done
	}
	switch answer.Status {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		// Refused before anything was done.
		return max(wait, answer.RetryAfter), true
	case http.StatusRequestTimeout, http.StatusInternalServerError, http.StatusBadGateway, http.StatusGatewayTimeout:
		return max(wait, answer.RetryAfter), !once
	}
	return 0, false
}

// sleep waits for d, and reports false when ctx ends before, or would.
func sleep(ctx context.Context, d time.Duration) bool {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= d {
		return false
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
