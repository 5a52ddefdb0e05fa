package secretstore

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dt-functions/dt-functions/shared/settings"
)

const (
	// RefreshInterval is how old the signature secrets get before they are read again.
	// Whoever changes a secret counts on it: a receiver knows the new one by then.
	RefreshInterval = 5 * time.Minute
	// retryInterval is how long a failed refresh is not tried again.
	retryInterval = 30 * time.Second
	// patience is how long a request waits for a refresh. What it has is good, but in
	// most cases the new one is there sooner.
	patience = time.Second
	// refreshTimeout is how long a refresh may take in all.
	refreshTimeout = 6 * time.Second
)

// The variables of the signature secrets.
const (
	currentVariable  = "DT_SIGNATURE_SECRET"
	previousVariable = "DT_SIGNATURE_SECRET_PREVIOUS"
)

func signatureVariables() []string { return []string{currentVariable, previousVariable} }

// Config is what Open works with.
type Config struct {
	// Env has the references; values that are none are taken as they are.
	Env   settings.Environment
	Store Store
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Logger is told of refreshes that failed; nil means nobody is.
	Logger *slog.Logger
}

// Signature holds the secrets that the connector may sign with: all versions of the one
// that DT_SIGNATURE_SECRET names, and DT_SIGNATURE_SECRET_PREVIOUS.
type Signature struct {
	config Config
	values atomic.Pointer[[][]byte]

	mu      sync.Mutex
	due     time.Time
	running chan struct{} // closed when the refresh under way has ended; nil if none is
}

// newSignature reads the secrets. It returns nil, and no error, when no signature
// secret is a reference.
func newSignature(ctx context.Context, c Config) (*Signature, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Signature{config: c}
	if !slices.ContainsFunc(signatureVariables(), func(name string) bool { return c.Store.Refers(c.Env[name]) }) {
		return nil, nil
	}
	values, err := s.read(ctx)
	if err != nil {
		return nil, err
	}
	s.values.Store(&values)
	s.due = c.Now().Add(RefreshInterval)
	return s, nil
}

// Secrets returns the secrets, the current one first. It does not block; it is for
// receive.Parts.
func (s *Signature) Secrets() [][]byte { return *s.values.Load() }

// Refresh reads the secrets again when they are older than RefreshInterval. It is
// called before a request is handled, since between requests a platform may freeze the
// process. It waits a second at most: one read at a time goes on without its callers,
// and until it has ended well the secrets stay what they were.
func (s *Signature) Refresh(ctx context.Context) {
	done := s.start(ctx)
	if done == nil {
		return
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// start begins a refresh if one is due. It returns a channel that is closed when the
// one under way has ended; nil if none is.
func (s *Signature) start(ctx context.Context) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running == nil && s.config.Now().Before(s.due) {
		return nil
	}
	if s.running == nil {
		s.running = make(chan struct{})
		go s.refresh(context.WithoutCancel(ctx))
	}
	return s.running
}

func (s *Signature) refresh(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, refreshTimeout)
	defer cancel()
	values, err := s.read(ctx)
	next := RefreshInterval
	if err != nil {
		next = retryInterval
		s.config.Logger.WarnContext(ctx, "signature secrets not refreshed; the ones from before serve on", "error", err.Error())
	} else {
		s.values.Store(&values)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.due = s.config.Now().Add(next)
	close(s.running)
	s.running = nil
}

// read returns the secrets of both variables, each once.
func (s *Signature) read(ctx context.Context) ([][]byte, error) {
	var (
		all  [2][]string
		errs [2]error
		done sync.WaitGroup
	)
	for i, name := range signatureVariables() {
		done.Go(func() { all[i], errs[i] = s.readOne(ctx, name) })
	}
	done.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	var values [][]byte
	for _, value := range slices.Concat(all[:]...) {
		same := func(v []byte) bool { return string(v) == value }
		if value != "" && !slices.ContainsFunc(values, same) {
			values = append(values, []byte(value))
		}
	}
	return values, nil
}

// readOne returns the secrets of one variable. Of the former secret one version counts:
// the one that is named.
func (s *Signature) readOne(ctx context.Context, variable string) (values []string, err error) {
	text := s.config.Env[variable]
	switch {
	case !s.config.Store.Refers(text):
		return []string{text}, nil
	case variable == currentVariable:
		values, err = s.config.Store.Versions(ctx, text)
	default:
		text, err = s.config.Store.Read(ctx, text)
		values = []string{text}
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", variable, err)
	}
	return values, nil
}
