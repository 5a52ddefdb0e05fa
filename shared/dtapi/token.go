package dtapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/dt-functions/dt-functions/shared/secret"
)

const (
	// renewBefore is how long before its end a token is renewed, while it is still
	// used; a token of less than ten times that, when a tenth of its life is left.
	renewBefore = 5 * time.Minute
	// unusableBefore is how long before its end a token is used no more: a request
	// must arrive with it, and clocks differ. The same rule for short lives.
	unusableBefore = 30 * time.Second
	// renewCooldown is the least time between two tries to renew a token that can
	// still be used.
	renewCooldown = 10 * time.Second
	// fetchTimeout bounds a fetch with all its tries. It goes on without the caller.
	fetchTimeout = 2 * time.Minute
	// defaultLifetime is assumed where the answer has no expires_in; DT's tokens live
	// an hour (page "OAuth2").
	defaultLifetime = 5 * time.Minute
	maxLifetime     = 24 * time.Hour
)

// A tokenSource gives requests an OAuth2 access token (page "OAuth2"; RFC 7523),
// fetched when first needed and renewed before it ends. One fetch serves all who wait
// for it, and goes on when the caller who began it gives up.
type tokenSource struct {
	credentials Credentials
	address     string
	path        string
	sender      sender
	retrier     retrier

	mu      sync.Mutex
	current token
	tried   time.Time // when the last renewal began
	pending *fetch    // nil when none is under way
}

type token struct {
	header          secret.Text // of Authorization; zero when there is no token
	renewAt, usable time.Time   // when to renew it, until when to use it
}

// A fetch is one that is under way; err is set when done is closed.
type fetch struct {
	done  chan struct{}
	token token
	err   error
}

func newTokenSource(c Config, s sender, r retrier) *tokenSource {
	t := &tokenSource{credentials: c.Credentials, address: c.TokenURL, sender: s, retrier: r}
	if u, err := url.Parse(c.TokenURL); err == nil {
		t.path = u.Path
	}
	return t
}

func (s *tokenSource) credential(ctx context.Context) (secret.Text, error) {
	s.mu.Lock()
	now := s.sender.now()
	current := s.current
	usable := !current.header.IsZero() && now.Before(current.usable)
	var f *fetch
	if !usable || !now.Before(current.renewAt) && now.Sub(s.tried) >= renewCooldown {
		f = s.begin(ctx, now)
	}
	s.mu.Unlock()
	if usable {
		return current.header, nil
	}
	select {
	case <-f.done:
		return f.token.header, f.err
	case <-ctx.Done():
		return secret.Text{}, fmt.Errorf("dtapi: waiting for an access token: %w", context.Cause(ctx))
	}
}

// refused forgets the token that DT does not take, unless that happened already.
func (s *tokenSource) refused(credential secret.Text) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current.header.Reveal() == credential.Reveal() {
		s.current = token{}
	}
	return true
}

// begin begins a fetch unless one is under way. s.mu is held.
func (s *tokenSource) begin(ctx context.Context, now time.Time) *fetch {
	if s.pending != nil {
		return s.pending
	}
	f := &fetch{done: make(chan struct{})}
	s.pending, s.tried = f, now
	go func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), fetchTimeout)
		defer cancel()
		f.token, f.err = s.fetch(ctx)
		s.mu.Lock()
		defer s.mu.Unlock()
		if f.err == nil {
			s.current = f.token
		}
		s.pending = nil
		close(f.done)
	}()
	return f
}

func (s *tokenSource) fetch(ctx context.Context) (token, error) {
	var begun time.Time
	var r *request
	sent, idle := 0, time.Now()
	answer, err := s.retrier.do(ctx, &request{method: http.MethodPost, path: s.path}, func() ([]byte, error) {
		begun = s.sender.now()
		assertion, err := newAssertion(s.credentials, s.address, begun)
		if err != nil {
			return nil, fmt.Errorf("dtapi: access token: %w", err)
		}
		r = s.request(assertion)
		sent++
		answer, err := s.sender.send(ctx, r, sent, idle, s.address, secret.Text{})
		idle = time.Now()
		return answer, err
	})
	var e *Error
	if errors.As(err, &e) {
		// It has been tried as often as is allowed.
		e.repeatable = false
		if e.Status == http.StatusBadRequest || e.Status == http.StatusForbidden {
			// So is a wrong key answered (RFC 6749, section 5.2; DT's Python client).
			e.kind, e.remedy = ErrUnauthenticated, tokenRemedy
		}
	}
	if err != nil {
		return token{}, err
	}
	t, err := parseToken(answer, begun)
	if err != nil {
		return token{}, r.malformed(err)
	}
	return t, nil
}

// request returns the request for a token. The parameters go in the body: DT does not
// take them from the query.
func (s *tokenSource) request(assertion secret.Text) *request {
	form := url.Values{
		"assertion":  {assertion.Reveal()},
		"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"},
	}
	return &request{
		method: http.MethodPost, path: s.path,
		body: []byte(form.Encode()), content: "application/x-www-form-urlencoded",
		secrets:          []secret.Text{s.credentials.Secret, assertion},
		limit:            maxErrorAnswer,
		credentialRemedy: tokenRemedy, addressVariable: "DT_TOKEN_URL",
	}
}

// parseToken reads the answer to a request that was sent at begun (RFC 6749, section
// 5.1).
func parseToken(answer []byte, begun time.Time) (token, error) {
	var value, kind string
	lifetime := int64(defaultLifetime / time.Second)
	err := eachMember(answer, func(name string, v jsontext.Value) (err error) {
		switch fold(name) {
		case "accesstoken":
			value, err = text(v)
		case "tokentype":
			kind, err = text(v)
		case "expiresin":
			lifetime, err = integer(v)
		}
		return err
	})
	switch {
	case err != nil:
		return token{}, err
	case value == "" || !isVisible(value):
		return token{}, fmt.Errorf("%w: no access token", errShape)
	case kind != "" && !strings.EqualFold(kind, "Bearer"):
		return token{}, fmt.Errorf("%w: not a bearer token", errShape)
	case lifetime <= 0:
		return token{}, fmt.Errorf("%w: the token has ended already", errShape)
	}
	life := time.Duration(min(lifetime, int64(maxLifetime/time.Second))) * time.Second
	end := begun.Add(life)
	return token{
		header:  secret.New("Bearer " + value),
		renewAt: end.Add(-min(renewBefore, life/10)),
		usable:  end.Add(-min(unusableBefore, life/20)),
	}, nil
}
