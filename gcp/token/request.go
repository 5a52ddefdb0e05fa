package token

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/dt-functions/dt-functions/shared/secret"
)

const (
	// The metadata server ("About VM metadata"). Its address needs no DNS.
	defaultHost = "169.254.169.254"
	path        = "/computeMetadata/v1/instance/service-accounts/default/token"

	attempts       = 3
	attemptTimeout = 2 * time.Second
	maxAnswer      = 64 << 10 // bytes; a token has about 1 KiB
	// longest is the longest life of a token that is believed; they have an hour, or
	// 12 where the organization allows it.
	longest = 24 * time.Hour

	remedy = "the program must run on Google Cloud with a service account; elsewhere, set the variable of an emulator"
)

// request fetches one token; what may pass is tried again.
func (c Config) request(ctx context.Context) (secret.Text, time.Time, error) {
	type result struct {
		token   secret.Text
		expires time.Time
	}
	waits := backoff.NewExponentialBackOff()
	waits.InitialInterval = 100 * time.Millisecond
	var last error
	got, err := backoff.Retry(ctx, func() (got result, err error) {
		got.token, got.expires, err = c.attempt(ctx)
		last = err
		return got, err
	}, backoff.WithBackOff(waits), backoff.WithMaxTries(attempts))
	if err != nil {
		if permanent, ok := errors.AsType[*backoff.PermanentError](last); ok {
			last = permanent.Err
		}
		return secret.Text{}, time.Time{}, fmt.Errorf("%w from the metadata server: %w", ErrUnavailable, last)
	}
	return got.token, got.expires, nil
}

func (c Config) attempt(ctx context.Context) (secret.Text, time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	u := url.URL{Scheme: "http", Host: c.Host, Path: path}
	if c.Host == "" {
		u.Host = defaultHost
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), http.NoBody)
	if err != nil {
		return secret.Text{}, time.Time{}, backoff.Permanent(fmt.Errorf("%s makes no request", HostVariable))
	}
	r.Header.Set("Metadata-Flavor", "Google")
	// Counted from before the request: the answer may have been under way for long.
	asked := c.Now()
	answer, err := c.Client.Do(r)
	if err != nil {
		if urlError, ok := errors.AsType[*url.Error](err); ok {
			err = urlError.Err
		}
		return secret.Text{}, time.Time{}, fmt.Errorf("%w; %s", err, remedy)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	switch status := answer.StatusCode; {
	case status == http.StatusTooManyRequests || status >= http.StatusInternalServerError:
		return secret.Text{}, time.Time{}, fmt.Errorf("answered %d", status)
	case status != http.StatusOK:
		return secret.Text{}, time.Time{}, backoff.Permanent(fmt.Errorf("answered %d; give the program a service account that exists and is enabled", status))
	case err != nil:
		return secret.Text{}, time.Time{}, fmt.Errorf("the answer broke off: %w", err)
	}
	token, life, err := parse(body)
	if err != nil {
		return secret.Text{}, time.Time{}, backoff.Permanent(err)
	}
	return token, asked.Add(life), nil
}

// parse returns the token in an answer and how long it lasts. Its errors have nothing
// of the answer in them.
func parse(body []byte) (secret.Text, time.Duration, error) {
	var answer struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   int64  `json:"expires_in"` // seconds
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return secret.Text{}, 0, errors.New("the answer is not a JSON object with access_token and expires_in")
	}
	if answer.AccessToken == "" || strings.ContainsFunc(answer.AccessToken, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return secret.Text{}, 0, errors.New("the answer has no access_token that can be sent")
	}
	if answer.ExpiresIn <= 0 {
		return secret.Text{}, 0, errors.New("the answer's expires_in is not a number of seconds above 0")
	}
	life := time.Duration(min(answer.ExpiresIn, int64(longest/time.Second))) * time.Second
	return secret.New(answer.AccessToken), life, nil
}

// isHost reports whether text can stand as a URL's host; "" can.
func isHost(text string) bool {
	u, err := url.Parse("http://" + text + "/")
	return err == nil && u.Host == text && u.User == nil
}
