package dtcloud

import (
	"container/heap"
	"time"
)

// An action is something to do at a time, with the cloud's mutex held.
type action struct {
	at  time.Time
	seq uint64
	do  func()
}

// An agenda holds actions, the earliest first; of several at one time, the one
// that was put on it first.
type agenda struct {
	actions []action
	seq     uint64
}

func (a *agenda) Len() int      { return len(a.actions) }
func (a *agenda) Swap(i, j int) { a.actions[i], a.actions[j] = a.actions[j], a.actions[i] }
func (a *agenda) Push(x any)    { a.actions = append(a.actions, x.(action)) }

func (a *agenda) Less(i, j int) bool {
	x, y := &a.actions[i], &a.actions[j]
	if x.at.Equal(y.at) {
		return x.seq < y.seq
	}
	return x.at.Before(y.at)
}

func (a *agenda) Pop() any {
	last := len(a.actions) - 1
	x := a.actions[last]
	a.actions[last] = action{}
	a.actions = a.actions[:last]
	return x
}

// next returns the time of the earliest action, or the zero time if there is
// none.
func (a *agenda) next() time.Time {
	if len(a.actions) == 0 {
		return time.Time{}
	}
	return a.actions[0].at
}

// schedule puts an action on the agenda. c.mu is held.
func (c *Cloud) schedule(at time.Time, do func()) {
	c.agenda.seq++
	seq := c.agenda.seq
	heap.Push(&c.agenda, action{at, seq, do})
	if c.agenda.actions[0].seq == seq {
		c.waiter.Wake()
	}
}

// doWhatIsDue does the actions whose time has come and returns the time of the
// next one.
func (c *Cloud) doWhatIsDue() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.clock.Now()
	for c.agenda.Len() > 0 && !c.agenda.next().After(now) {
		heap.Pop(&c.agenda).(action).do()
	}
	return c.agenda.next()
}
