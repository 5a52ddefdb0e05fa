package doctor

import (
	"crypto/rand"
	"time"

	"github.com/dt-functions/dt-functions/shared/event"
)

// ErrImpossible is errImpossible.
var ErrImpossible = errImpossible

// Passing returns the synthetic event for these settings.
func Passing(settings map[string]string) (*event.Event, error) {
	r := &run{}
	r.setDefaults()
	s, err := r.passing(settings)
	if err != nil {
		return nil, err
	}
	_, body, err := s.Body(time.Now(), rand.Reader)
	if err != nil {
		return nil, err
	}
	return event.Decode(body)
}
