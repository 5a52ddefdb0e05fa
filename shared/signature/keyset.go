package signature

import (
	"context"
	"crypto/ecdsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

const (
	// keySetMaxAge is how old keys get before they are fetched again, while the
	// old ones stay in use.
	keySetMaxAge = 15 * time.Minute
	// keySetCooldown is the least time between two fetches, whatever ids callers
	// ask for: strangers must not be able to make this machine call the issuer
	// at will.
	keySetCooldown = 30 * time.Second
	// keySetTimeout bounds a fetch, both requests together.
	keySetTimeout = 5 * time.Second
	// keySetMaxBody bounds each answer, in bytes.
	keySetMaxBody = 256 << 10
)

// A KeySet is the key set of an issuer, found by OpenID Connect Discovery 1.0
// and kept. Keys that are known are answered from memory: there is no network on
// the hot path, and an issuer that is out of reach does not matter until it
// signs with a key that was never seen.
type KeySet struct {
	issuer string
	client *http.Client
	now    func() time.Time

	mu      sync.Mutex
	keys    Keys
	fetched time.Time     // when keys came
	tried   time.Time     // when the last fetch began
	failure error         // of the last fetch
	pending chan struct{} // closed when the fetch under way ends; nil if none is
}

// NewKeySet returns the key set of issuer, which is fetched when the first key
// is asked for. client nil means one with no special settings; now nil means
// time.Now. The issuer must be an https URL (http for this machine alone).
func NewKeySet(issuer string, client *http.Client, now func() time.Time) (*KeySet, error) {
	if err := checkURL(issuer); err != nil {
		return nil, fmt.Errorf("issuer: %w", err)
	}
	if client == nil {
		client = &http.Client{}
	}
	if now == nil {
		now = time.Now
	}
	return &KeySet{issuer: issuer, client: client, now: now}, nil
}

// Key returns the key called id. An unknown id makes the set be fetched once
// more, at most every 30 seconds and never twice at a time; the fetch goes on
// when ctx ends, for the sake of the next caller.
func (s *KeySet) Key(ctx context.Context, id string) (*ecdsa.PublicKey, error) {
	s.mu.Lock()
	key, known := s.keys[id]
	now := s.now()
	if known && now.Sub(s.fetched) < keySetMaxAge {
		s.mu.Unlock()
		return key, nil
	}
	pending := s.refresh(ctx, now)
	s.mu.Unlock()
	if known {
		return key, nil
	}
	if pending != nil {
		select {
		case <-pending:
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: %w", ErrKeysUnavailable, ctx.Err())
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if key, known = s.keys[id]; known {
		return key, nil
	}
	if s.failure != nil {
		return nil, fmt.Errorf("%w: %w", ErrKeysUnavailable, s.failure)
	}
	return nil, ErrUnknownKey
}

// refresh starts a fetch unless one is under way or the last began too short a
// time ago, and returns what ends with it; nil when there is nothing to wait
// for. s.mu is held.
func (s *KeySet) refresh(ctx context.Context, now time.Time) <-chan struct{} {
	if s.pending != nil {
		return s.pending
	}
	if !s.tried.IsZero() && now.Sub(s.tried) < keySetCooldown {
		return nil
	}
	s.tried = now
	done := make(chan struct{})
	s.pending = done
	go func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keySetTimeout)
		defer cancel()
		keys, err := s.fetch(ctx)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.failure = err
		if err == nil {
			s.keys, s.fetched = keys, now
		}
		s.pending = nil
		close(done)
	}()
	return done
}

// fetch gets the discovery document and then the keys.
func (s *KeySet) fetch(ctx context.Context) (Keys, error) {
	data, err := s.get(ctx, strings.TrimSuffix(s.issuer, "/")+"/.well-known/openid-configuration")
	if err != nil {
		return nil, fmt.Errorf("discovery: %w", err)
	}
	var document struct {
		Issuer string `json:"issuer"`
		KeyURL string `json:"jwks_uri"`
	}
	if err := json.Unmarshal(data, &document); err != nil {
		return nil, fmt.Errorf("discovery: %w", err)
	}
	// OpenID Connect Discovery 1.0, section 4.3.
	if document.Issuer != s.issuer {
		return nil, fmt.Errorf("discovery: the document is of issuer %q, want %q", document.Issuer, s.issuer)
	}
	if err := checkURL(document.KeyURL); err != nil {
		return nil, fmt.Errorf("discovery: jwks_uri: %w", err)
	}
	data, err = s.get(ctx, document.KeyURL)
	if err != nil {
		return nil, err
	}
	return ParseKeys(data)
}

func (s *KeySet) get(ctx context.Context, address string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "application/json")
	response, err := s.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	// A redirect may have led elsewhere.
	if err := checkURL(response.Request.URL.String()); err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answered %s", address, response.Status)
	}
	data, err := io.ReadAll(io.LimitReader(response.Body, keySetMaxBody+1))
	if err != nil {
		return nil, err
	}
	if len(data) > keySetMaxBody {
		return nil, fmt.Errorf("%s answered more than %d bytes", address, keySetMaxBody)
	}
	return data, nil
}

// checkURL requires https, since whoever can change the keys on the way can
// forge every event. Traffic that stays on this machine may be plain.
func checkURL(address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return errors.New("not a URL")
	}
	if u.Scheme == "https" && u.Host != "" {
		return nil
	}
	if u.Scheme == "http" && isLoopback(u.Hostname()) {
		return nil
	}
	return fmt.Errorf("%s: want an https URL", u.Redacted())
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
