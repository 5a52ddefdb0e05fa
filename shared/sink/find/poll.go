package find

import (
	"context"
	"time"
)

// Poll calls look until it finds the event, fails or ctx ends. The pause between two
// looks begins at first and doubles up to five seconds.
func Poll(ctx context.Context, first time.Duration, look func(context.Context) (bool, error)) error {
	const longest = 5 * time.Second
	for pause := first; ; pause = min(2*pause, longest) {
		found, err := look(ctx)
		switch {
		case ctx.Err() != nil && !found:
			return End(ctx, err, ErrNotFound)
		case err != nil:
			return err
		case found:
			return nil
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return End(ctx, nil, ErrNotFound)
		case <-timer.C:
		}
	}
}
