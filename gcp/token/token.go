// Package token gets access tokens of the service account that Google Cloud gives to
// the program, from the metadata server.
//
// Tokens are kept, and renewed before they end, by one request however many callers
// want one.
package token

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/dt-functions/dt-functions/shared/secret"
)

const (
	// HostVariable is the name of the variable that Config.Host is from.
	HostVariable = "GCE_METADATA_HOST"
	// KeyFileVariable is the name of the variable that Config.KeyFile is from.
	KeyFileVariable = "GOOGLE_APPLICATION_CREDENTIALS"
)

const (
	// early is how long before its end a token is renewed. The metadata server hands
	// out the same token until 5 minutes before its end, so that asking sooner brings
	// nothing ("Authenticate using access tokens": they are cached there). What is in
	// use meanwhile is the old one.
	early = 225 * time.Second
	// margin is how long before its end a token is no longer used: the request that
	// it is for takes time, and clocks differ.
	margin = 30 * time.Second
	// pause is how long nothing is asked for after a renewal while the token lasts,
	// whether it failed or brought one that is near its end too.
	pause = 15 * time.Second
	// fetchTimeout is how long a token may take to come.
	fetchTimeout = 6 * time.Second
)

// ErrUnavailable means that there is no token: no service account, no metadata server,
// or one that does not answer.
var ErrUnavailable = errors.New("no access token of a Google Cloud service account")

// Config says where tokens come from.
type Config struct {
	// Host is the metadata server's host or host:port (GCE_METADATA_HOST); "" means
	// 169.254.169.254.
	Host string
	// KeyFile is what GOOGLE_APPLICATION_CREDENTIALS names. Key files are not
	// supported: with one, there is an error in the place of any token.
	KeyFile string
	// Client fetches tokens; it must not go through a proxy. Required.
	Client *http.Client
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// A Source has tokens of the default service account. It is safe for concurrent use.
type Source struct {
	config Config

	mu      sync.Mutex
	token   secret.Text
	expires time.Time
	retry   time.Time // no renewal before, while token lasts
	running *fetch    // nil when nothing is being fetched
}

// A fetch is under way until done is closed.
type fetch struct {
	done  chan struct{}
	token secret.Text
	err   error
}

// New returns a Source. Nothing is fetched before a token is wanted.
func New(c Config) *Source {
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Source{config: c}
}

// Usable returns an error that wraps ErrUnavailable if the settings exclude any token.
// Nothing is fetched.
func (s *Source) Usable() error {
	switch {
	case s.config.KeyFile != "":
		return fmt.Errorf("%w: %s is set, but key files are not supported here; remove it, and run the program as the service account (gcloud functions deploy --run-service-account)", ErrUnavailable, KeyFileVariable)
	case !isHost(s.config.Host):
		return fmt.Errorf("%w: %s is not a host; want host or host:port", ErrUnavailable, HostVariable)
	}
	return nil
}

// Token returns a token. When ctx ends first, the token is fetched none the less, for
// whoever wants it next. Errors of the metadata server wrap ErrUnavailable.
func (s *Source) Token(ctx context.Context) (secret.Text, error) {
	if err := s.Usable(); err != nil {
		return secret.Text{}, err
	}
	token, running := s.begin()
	if running == nil {
		return token, nil
	}
	select {
	case <-running.done:
		return running.token, running.err
	case <-ctx.Done():
		return secret.Text{}, fmt.Errorf("waiting for an access token: %w", ctx.Err())
	}
}

// begin returns the token that is there, or what to wait for.
func (s *Source) begin() (secret.Text, *fetch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.config.Now()
	left := s.expires.Sub(now)
	usable := !s.token.IsZero() && left > margin
	if usable && (left > early || now.Before(s.retry)) {
		return s.token, nil
	}
	if s.running == nil {
		s.running = &fetch{done: make(chan struct{})}
		go s.fetch(s.running)
	}
	if usable {
		return s.token, nil
	}
	return secret.Text{}, s.running
}

// fetch gets a token and tells those who wait. It has no caller's context: a caller
// that gives up must not fail the others.
func (s *Source) fetch(f *fetch) {
	ctx, cancel := context.WithTimeout(context.Background(), fetchTimeout)
	defer cancel()
	var expires time.Time
	f.token, expires, f.err = s.config.request(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running = nil
	s.retry = s.config.Now().Add(pause)
	if f.err == nil {
		s.token, s.expires = f.token, expires
	}
	close(f.done)
}
