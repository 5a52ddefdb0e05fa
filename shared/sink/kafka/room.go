package kafka

import "context"

const (
	roomUnit  = 8 << 10
	roomUnits = 8192 // 64 MiB
)

// A room bounds the memory of the messages that are on their way, those that
// nobody waits for any longer included. It counts in units of roomUnit bytes.
type room struct {
	// turn is held by who is taking units: two that wait for the rest of what they
	// need could wait for each other.
	turn  chan struct{}
	taken chan struct{}
}

func newRoom() *room {
	return &room{turn: make(chan struct{}, 1), taken: make(chan struct{}, roomUnits)}
}

// units returns what size bytes take.
func units(size int) int { return min(1+size/roomUnit, roomUnits) }

// enter takes n units, and waits for them until ctx ends.
func (r *room) enter(ctx context.Context, n int) error {
	select {
	case r.turn <- struct{}{}:
		defer func() { <-r.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	for got := range n {
		select {
		case r.taken <- struct{}{}:
		case <-ctx.Done():
			r.leave(got)
			return ctx.Err()
		}
	}
	return nil
}

// leave gives n units back.
func (r *room) leave(n int) {
	for range n {
		<-r.taken
	}
}
