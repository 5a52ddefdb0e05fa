package dtcloud

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/dt-functions/dt-functions/shared/signature"
)

// UsualDuplicates is a rate for Faults.Duplicate that is about what DT's "rare"
// may mean. UNCONFIRMED.
const UsualDuplicates = 0.001

const (
	// twinWithin is how soon a duplicate follows: DT says usually within seconds.
	twinWithin = 5 * time.Second
	// overtakeWithin is how long an event is held back for others to overtake it.
	overtakeWithin = 5 * time.Second
)

// Faults are what goes wrong between the cloud and a receiver. Each but Delay is a
// probability from 0 to 1.
type Faults struct {
	// DropAnswer is for each attempt that is acknowledged: the receiver's answer
	// is lost on the way back, so that the event comes again.
	DropAnswer float64 `json:"dropAnswer"`
	// Duplicate is for each event: it is sent once more, whatever the answer,
	// within 5 seconds of its first attempt.
	Duplicate float64 `json:"duplicate"`
	// Reorder is for each event: it is held back for up to 5 seconds, so that
	// later ones overtake it.
	Reorder float64 `json:"reorder"`
	// CorruptSignature is for each attempt: all of its signatures are wrong.
	CorruptSignature float64 `json:"corruptSignature"`
	// CorruptBody is for each attempt: one bit of the body is wrong, after
	// signing.
	CorruptBody float64 `json:"corruptBody"`
	// Delay is how long every event waits before its first attempt, in simulated
	// time.
	Delay time.Duration `json:"delay"`
}

func (f Faults) check() error {
	for _, p := range []struct {
		name  string
		value float64
	}{
		{"DropAnswer", f.DropAnswer},
		{"Duplicate", f.Duplicate},
		{"Reorder", f.Reorder},
		{"CorruptSignature", f.CorruptSignature},
		{"CorruptBody", f.CorruptBody},
	} {
		if !(p.value >= 0 && p.value <= 1) {
			return fmt.Errorf("%w: Faults.%s %v: want a probability from 0 to 1", ErrInvalid, p.name, p.value)
		}
	}
	if f.Delay < 0 {
		return fmt.Errorf("%w: Faults.Delay %v: want a duration of 0 or more", ErrInvalid, f.Delay)
	}
	return nil
}

// SetFaults replaces all faults, for events and attempts from now on. The error
// wraps ErrInvalid.
func (c *Cloud) SetFaults(f Faults) error {
	if err := f.check(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults = f
	return nil
}

// Faults returns the faults that are set.
func (c *Cloud) Faults() Faults {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.faults
}

// A fate is which faults strike one attempt.
type fate struct {
	dropAnswer, duplicate, reorder, corruptSignature, corruptBody bool
}

func (f fate) corrupted() bool { return f.corruptSignature || f.corruptBody }

// draw returns the fate of the attempt that e is at, and a source for what else is
// left to chance about it. Both follow from the seed, the connector, the event and
// the number of the attempt alone, not from the order in which attempts happen to
// be made.
func (c *Cloud) draw(conn *connector, e *entry) (fate, *rand.Rand) {
	luck := rand.New(rand.NewPCG(c.luckOf(conn, e), uint64(e.attempt)))
	strikes := func(probability float64) bool { return luck.Float64() < probability }
	return fate{
		dropAnswer:       strikes(c.faults.DropAnswer),
		duplicate:        strikes(c.faults.Duplicate),
		reorder:          strikes(c.faults.Reorder),
		corruptSignature: strikes(c.faults.CorruptSignature),
		corruptBody:      strikes(c.faults.CorruptBody),
	}, luck
}

func (c *Cloud) luckOf(conn *connector, e *entry) uint64 {
	h := fnv.New64a()
	var b [9]byte
	binary.LittleEndian.PutUint64(b[:], c.config.Seed)
	if e.duplicate {
		b[8] = 1
	}
	h.Write(b[:])
	h.Write([]byte(conn.spec.Name))
	h.Write([]byte(e.record.id))
	return h.Sum64()
}

// holdBack returns how long e waits before its first attempt.
func (c *Cloud) holdBack(conn *connector, e *entry) time.Duration {
	if c.faults.Reorder == 0 {
		return c.faults.Delay
	}
	fate, luck := c.draw(conn, e)
	if !fate.reorder {
		return c.faults.Delay
	}
	return c.faults.Delay + time.Millisecond + time.Duration(luck.Float64()*float64(overtakeWithin))
}

// addTwin queues the event of e once more, to be sent soon.
func (c *Cloud) addTwin(conn *connector, e *entry, luck *rand.Rand) {
	twin := *e
	twin.duplicate = true
	twin.attempt = 0
	conn.queue.duplicates++
	c.unsettled++
	c.ready(conn, &twin, time.Millisecond+time.Duration(luck.Float64()*float64(twinWithin)))
}

// corruptSignatures changes a character in the middle of each token's signature.
func corruptSignatures(headers http.Header) {
	for _, name := range []string{signature.HeaderSymmetric, signature.HeaderAsymmetric} {
		token := []byte(headers.Get(name))
		if len(token) == 0 {
			continue
		}
		// The last 20 characters are within the signature; the very last one
		// has bits that do not count.
		at := len(token) - 20
		if token[at] == 'A' {
			token[at] = 'B'
		} else {
			token[at] = 'A'
		}
		headers.Set(name, string(token))
	}
}

// corrupt changes one bit of body.
func corrupt(body []byte, luck *rand.Rand) {
	body[luck.IntN(len(body))] ^= 1 << luck.IntN(7)
}
