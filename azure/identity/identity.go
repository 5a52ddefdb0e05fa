// Package identity gets access tokens for the managed identity that Azure gives to
// the program: from App Service's endpoint where there is one, as in Azure Functions,
// and from the Instance Metadata Service of a virtual machine otherwise.
//
// Tokens are kept, and renewed before they end, by one request however many callers
// want one.
package identity

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/dt-functions/dt-functions/shared/secret"
)

const (
	// early is how long before its end a token is renewed. Azure's tokens last 24
	// hours; what is in use meanwhile is the old one.
	early = 15 * time.Minute
	// margin is how long before its end a token is no longer used: the request that
	// it is for takes time, and clocks differ.
	margin = 2 * time.Minute
	// pause is how long nothing is asked for after a renewal has failed while the
	// old token lasts.
	pause = 30 * time.Second
	// fetchTimeout is how long a token may take to come.
	fetchTimeout = 7 * time.Second
)

// Config says where tokens come from.
type Config struct {
	// Endpoint and Header are those of App Service (IDENTITY_ENDPOINT,
	// IDENTITY_HEADER). With no Endpoint, tokens come from the Instance Metadata
	// Service.
	Endpoint string
	Header   secret.Text
	// ClientID is that of a user-assigned identity (AZURE_CLIENT_ID); "" means the
	// system-assigned one.
	ClientID string
	// Client fetches tokens; it must not go through a proxy. Required.
	Client *http.Client
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// A Source has tokens. It is safe for concurrent use.
type Source struct {
	config Config

	mu     sync.Mutex
	tokens map[string]*entry // by resource
}

// New returns a Source. Nothing is fetched before a token is wanted.
func New(c Config) *Source {
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Source{config: c, tokens: make(map[string]*entry)}
}

// An entry is what there is for one resource. Source.mu guards it.
type entry struct {
	token   secret.Text
	expires time.Time
	retry   time.Time // no renewal before
	running *fetch    // nil when nothing is being fetched
}

// A fetch is under way until done is closed.
type fetch struct {
	done  chan struct{}
	token secret.Text
	err   error
}

// Token returns a token for resource, such as "https://storage.azure.com/". When ctx
// ends first, the token is fetched none the less, for whoever wants it next.
func (s *Source) Token(ctx context.Context, resource string) (secret.Text, error) {
	token, running := s.begin(resource)
	if running == nil {
		return token, nil
	}
	select {
	case <-running.done:
		return running.token, running.err
	case <-ctx.Done():
		return secret.Text{}, fmt.Errorf("managed identity: waiting for a token: %w", ctx.Err())
	}
}

// begin returns the token that is there, or what to wait for.
func (s *Source) begin(resource string) (secret.Text, *fetch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.tokens[resource]
	if e == nil {
		e = new(entry)
		s.tokens[resource] = e
	}
	now := s.config.Now()
	left := e.expires.Sub(now)
	usable := !e.token.IsZero() && left > margin
	if usable && (left > early || now.Before(e.retry)) {
		return e.token, nil
	}
	if e.running == nil {
		e.running = &fetch{done: make(chan struct{})}
		go s.fetch(resource, e, e.running)
	}
	if usable {
		return e.token, nil
	}
	return secret.Text{}, e.running
}

// fetch gets a token for e and tells those who wait. It has no caller's context: a
// caller that gives up must not fail the others.
func (s *Source) fetch(resource string, e *entry, f *fetch) {
	ctx, cancel := context.WithTimeout(context.Background(), fetchTimeout)
	defer cancel()
	var expires time.Time
	f.token, expires, f.err = s.config.request(ctx, resource)
	s.mu.Lock()
	defer s.mu.Unlock()
	e.running = nil
	if f.err == nil {
		e.token, e.expires, e.retry = f.token, expires, s.config.Now().Add(pause)
	} else {
		e.retry = s.config.Now().Add(pause)
	}
	close(f.done)
}
