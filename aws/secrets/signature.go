package secrets

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dt-functions/dt-functions/aws/awsapi"
	"github.com/dt-functions/dt-functions/shared/settings"
)

const (
	// RefreshInterval is how old the signature secrets get before they are read again.
	// The rotation counts on it: a receiver knows a pending secret by then.
	RefreshInterval = 5 * time.Minute
	// retryInterval is how long a failed refresh is not tried again.
	retryInterval = 30 * time.Second
	// patience is how long a request waits for a refresh. What it has is good, but in
	// most cases the new one is there sooner.
	patience = time.Second
	// refreshTimeout is how long a refresh may take in all.
	refreshTimeout = 6 * time.Second
)

// signature secrets are set by these variables.
var signatureVariables = [...]string{"DT_SIGNATURE_SECRET", "DT_SIGNATURE_SECRET_PREVIOUS"}

// SignatureConfig is what Signature works with.
type SignatureConfig struct {
	// Env has the references; values that are none are taken as they are.
	Env    settings.Environment
	Client *awsapi.Client
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Logger is told of refreshes that failed; nil means nobody is.
	Logger *slog.Logger
}

// Signature holds the secrets that the connector may sign with. Those of Secrets
// Manager are the current one, the one before, and, while a rotation is under way, the
// one to come.
type Signature struct {
	config SignatureConfig
	values atomic.Pointer[[][]byte]

	mu      sync.Mutex
	due     time.Time
	running chan struct{} // closed when the refresh under way has ended; nil if none is
}

// NewSignature reads the secrets. It returns nil, and no error, when no signature
// secret is a reference.
func NewSignature(ctx context.Context, c SignatureConfig) (*Signature, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Signature{config: c}
	refers := func(name string) bool { _, ok, _ := ParseReference(c.Env[name]); return ok }
	if !slices.ContainsFunc(signatureVariables[:], refers) {
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
// called before a request is handled, since between requests Lambda may freeze the
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
	type wanted struct {
		variable, stage string
		value           string
		err             error
	}
	var all []*wanted
	for _, stage := range []string{Current, Previous, Pending} {
		all = append(all, &wanted{variable: signatureVariables[0], stage: stage})
	}
	all = append(all, &wanted{variable: signatureVariables[1], stage: Current})
	var done sync.WaitGroup
	for _, w := range all {
		done.Go(func() { w.value, w.err = s.readOne(ctx, w.variable, w.stage) })
	}
	done.Wait()
	var values [][]byte
	for _, w := range all {
		if w.err != nil {
			return nil, w.err
		}
		same := func(v []byte) bool { return string(v) == w.value }
		if w.value != "" && !slices.ContainsFunc(values, same) {
			values = append(values, []byte(w.value))
		}
	}
	return values, nil
}

// readOne returns a variable's secret of one version; "" if there is none.
func (s *Signature) readOne(ctx context.Context, variable, stage string) (string, error) {
	text := s.config.Env[variable]
	r, ok, err := ParseReference(text)
	switch {
	case err != nil:
		return "", fmt.Errorf("%s: %w", variable, err)
	case !ok && stage == Current:
		return text, nil
	case !ok, r.Parameter && stage != Current:
		return "", nil
	case stage == Current:
		text, err = read(ctx, s.config.Client, r)
	default:
		text, err = readOptional(ctx, s.config.Client, r, stage)
	}
	if err != nil {
		return "", r.wrap(variable, err)
	}
	return text, nil
}
