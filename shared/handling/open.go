package handling

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dt-functions/dt-functions/shared/settings"
	"github.com/dt-functions/dt-functions/shared/signature"
	"github.com/dt-functions/dt-functions/shared/sink"
)

// Open makes the Handler that s asks for, its sinks opened. drivers returns the
// sinks of the program; those that forward sign with signer, which may be nil, by
// the clock now. Close the Handler after its last use.
func Open(ctx context.Context, s settings.Handling, drivers func(signer *signature.Signer) sink.Drivers, now func() time.Time) (*Handler, error) {
	var signer *signature.Signer
	if !s.ForwardSecret.IsZero() {
		var err error
		signer, err = signature.NewSigner([]byte(s.ForwardSecret.Reveal()), signature.WithSignerClock(now))
		if err != nil {
			return nil, fmt.Errorf("DT_FORWARD_SECRET: %w", err)
		}
	}
	d := drivers(signer)
	urls := make([]string, len(s.Sinks))
	for i, u := range s.Sinks {
		urls[i] = u.Reveal()
	}
	main, err := d.Open(ctx, urls)
	if err != nil {
		return nil, fmt.Errorf("DT_SINK: %w", err)
	}
	h := &Handler{Filter: s.Filter, Labels: s.Labels, Encoding: s.Encoding, Sink: main}
	if !s.DeadLetter.IsZero() {
		if h.DeadLetter, err = d.Open(ctx, []string{s.DeadLetter.Reveal()}); err != nil {
			return nil, errors.Join(fmt.Errorf("DT_DEAD_LETTER: %w", err), main.Close())
		}
	}
	return h, nil
}

// Close closes the sinks.
func (h *Handler) Close() error {
	err := h.Sink.Close()
	if h.DeadLetter != nil {
		err = errors.Join(err, h.DeadLetter.Close())
	}
	return err
}
