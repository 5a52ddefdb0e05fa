package dtcloud

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// Backoff is the pause between attempts to deliver an event, in simulated time. It
// doubles from First to Max; each one is then shortened by up to half, at random,
// so that events that failed together do not come back together. DT's own schedule
// is UNCONFIRMED.
type Backoff struct {
	First time.Duration // 0 means 1 second
	Max   time.Duration // 0 means 15 minutes
}

const (
	defaultFirstPause = time.Second
	defaultMaxPause   = 15 * time.Minute
)

func (b Backoff) check() error {
	if b.First < 0 || b.Max < 0 {
		return fmt.Errorf("%w: Retry: want durations above 0", ErrInvalid)
	}
	return nil
}

func (b Backoff) withDefaults() Backoff {
	if b.First == 0 {
		b.First = defaultFirstPause
	}
	if b.Max == 0 {
		b.Max = defaultMaxPause
	}
	return b
}

// pause returns how long to wait after so many attempts, at least 1.
func (b Backoff) pause(attempts int, luck *rand.Rand) time.Duration {
	pause := b.First
	for range attempts - 1 {
		if pause >= b.Max/2 {
			pause = b.Max
			break
		}
		pause *= 2
	}
	pause = min(pause, b.Max)
	return pause - time.Duration(luck.Float64()*float64(pause)/2)
}
