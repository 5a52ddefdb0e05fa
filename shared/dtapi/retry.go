package dtapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/cenkalti/backoff/v5"
)

const (
	// minPause is the least pause before a request is repeated (page "Error Codes").
	minPause = time.Second
	// maxPause is the longest, unless DT asks for more.
	maxPause = 30 * time.Second
	// gatewayPause is the least after 504 (page "Error Codes").
	gatewayPause = 10 * time.Second
	// maxRetryAfter is the longest pause that is kept because DT asks for it. DT's
	// limit is one of seconds; a day by mistake would stop everything.
	maxRetryAfter = 2 * time.Minute
)

// A retrier repeats what failed. The loop and the growing pauses are those of package
// backoff.
type retrier struct {
	attempts int
	rand     func() float64
}

// do calls send until it succeeds, fails with what repeating does not mend, or has
// been called as often as is allowed.
func (t retrier) do(ctx context.Context, r *request, send func() ([]byte, error)) ([]byte, error) {
	p := &pauses{rand: t.rand, growing: &backoff.ExponentialBackOff{
		// The spread is added by pauses, from the given source.
		InitialInterval: minPause, Multiplier: 2, MaxInterval: maxPause,
	}}
	p.deadline, p.bounded = ctx.Deadline()
	answer, err := backoff.Retry(ctx, func() ([]byte, error) {
		answer, err := send()
		var e *Error
		switch {
		case err == nil:
			return answer, nil
		case !errors.As(err, &e) || !e.repeatable:
			if p.last != nil && ctxEnded(err) {
				err = fmt.Errorf("%w; before that: %w", err, p.last)
			}
			return nil, backoff.Permanent(err)
		}
		p.last = e
		r.inDoubt = r.inDoubt || e.Status != http.StatusTooManyRequests
		return nil, err
	}, backoff.WithBackOff(p), backoff.WithMaxTries(uint(t.attempts)), backoff.WithMaxElapsedTime(0))
	var permanent *backoff.PermanentError
	if errors.As(err, &permanent) { // as it stays after the last try
		err = permanent.Err
	}
	var e *Error
	if err != nil && !errors.As(err, &e) && p.last != nil { // the context ended in a pause
		err = fmt.Errorf("%w; before that: %w", r.stopped(err), p.last)
	}
	return answer, err
}

func ctxEnded(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// mayRepeat reports whether r may be sent again after an answer.
func (r *request) mayRepeat(status int) bool {
	switch status {
	case http.StatusTooManyRequests:
		return true
	case http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return r.repeat == repeatAlways
	}
	return false
}

// pauses are those of one call. It is a backoff.BackOff.
type pauses struct {
	growing  *backoff.ExponentialBackOff
	rand     func() float64
	last     *Error // the failure that the next pause follows
	deadline time.Time
	bounded  bool
}

// Reset implements [backoff.BackOff].
func (p *pauses) Reset() { p.growing.Reset() }

// NextBackOff returns the next pause: half to one and a half of what grows from 1 to
// 30 s, but never less than DT's documentation or its answer asks for. A pause that
// ends after the caller's deadline is not begun: the caller gets the failure at once.
func (p *pauses) NextBackOff() time.Duration {
	grown := p.growing.NextBackOff()
	pause := grown/2 + time.Duration(p.rand()*float64(grown))
	least := max(minPause, p.last.retryAfter)
	if p.last.Status == http.StatusGatewayTimeout {
		least = max(least, gatewayPause)
	}
	if pause < least {
		// Spread it, so that not all who were told the same come back at once.
		pause = least + time.Duration(p.rand()*float64(least)/10)
	}
	if p.bounded && time.Until(p.deadline) <= pause {
		return backoff.Stop
	}
	return pause
}

// parseRetryAfter returns how long the header asks to wait: seconds or a date (RFC
// 9110, section 10.2.3); 0 when it does not or not intelligibly, and never more than
// maxRetryAfter. A date is compared with the answer's own, if it has one: the clocks
// of the two machines may differ.
func parseRetryAfter(header http.Header, now time.Time) time.Duration {
	value := header.Get("Retry-After")
	if seconds, err := strconv.ParseFloat(value, 64); err == nil {
		if !(seconds > 0) {
			return 0
		}
		return time.Duration(min(seconds, maxRetryAfter.Seconds()) * float64(time.Second))
	}
	date, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	if sent, err := http.ParseTime(header.Get("Date")); err == nil {
		now = sent
	}
	return min(max(date.Sub(now), 0), maxRetryAfter)
}
