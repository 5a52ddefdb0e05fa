package findtest

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dt-functions/dt-functions/shared/sink"
	"github.com/dt-functions/dt-functions/shared/sink/find"
)

const (
	// short is how long an event is looked for that does not come.
	short = 1500 * time.Millisecond
	// patience is how long one may take to be found that is there.
	patience = 30 * time.Second
)

// A probe is what one case works with.
type probe struct {
	harness Harness
	backend Backend
	// left are the ids of those events that must be there at the end, and gone of those
	// that must not.
	left, gone []string
}

// event returns an event as receive publishes it.
func event(id string) sink.Message {
	return sink.Message{
		ID: id, Key: "device-of-" + id,
		Attributes: sink.Attributes{EventType: "touch", DeviceType: "touch", ProjectID: "project"},
		Data:       fmt.Appendf(nil, `{"specversion":"1.0","id":%q,"type":"touch","data":{"event":{"eventId":%q,"eventType":"touch"}}}`, id, id),
	}
}

// ID returns the id of an event of this suite's by its data.
func ID(data []byte) (string, error) {
	var e struct {
		ID string `json:"id"`
	}
	err := json.Unmarshal(data, &e)
	return e.ID, err
}

// publish stores events that stay.
func (p *probe) publish(ctx context.Context, ids ...string) error {
	for _, id := range ids {
		if err := p.backend.Publish(ctx, event(id)); err != nil {
			return fmt.Errorf("publishing: %w", err)
		}
		p.left = append(p.left, id)
	}
	return nil
}

// publishOwn stores the event that is looked for.
func (p *probe) publishOwn(ctx context.Context, id string) error {
	return p.backend.Publish(ctx, event(id))
}

// prepared returns a finder that is ready.
func (p *probe) prepared(ctx context.Context) (find.Finder, error) {
	f, err := p.backend.Open()
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	if err := f.Prepare(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("prepare: %w", err), f.Close(ctx))
	}
	return f, nil
}

// find looks for an event that is there.
func (p *probe) find(ctx context.Context, f find.Finder, id string) error {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(p.harness.patience, patience))
	defer cancel()
	if err := f.Find(ctx, id); err != nil {
		return fmt.Errorf("the event is there, but Find says %w", err)
	}
	if p.harness.Removes {
		p.gone = append(p.gone, id)
	} else {
		p.left = append(p.left, id)
	}
	return nil
}

// blind looks for an event that cannot be seen.
func (p *probe) blind(ctx context.Context, f find.Finder, id string) error {
	ctx, cancel := context.WithTimeout(ctx, short)
	defer cancel()
	if err := f.Find(ctx, id); !errors.Is(err, find.ErrBlind) {
		return fmt.Errorf("others wait besides: Find says %w, want ErrBlind", err)
	}
	p.left = append(p.left, id)
	return nil
}

// miss looks for an event that is not there.
func (p *probe) miss(ctx context.Context, f find.Finder, id string) error {
	ctx, cancel := context.WithTimeout(ctx, short)
	defer cancel()
	err := f.Find(ctx, id)
	switch {
	case err == nil:
		return errors.New("an event is found that is not there")
	case p.harness.Unsure && errors.Is(err, find.ErrBlind):
		return nil
	case !errors.Is(err, find.ErrNotFound):
		return fmt.Errorf("the event is not there: Find says %w, want ErrNotFound", err)
	case errors.Is(err, find.ErrTaken) != p.harness.TakenAway:
		return fmt.Errorf("the event is not there: Find says %w, and whether consumers take events away is %v", err, p.harness.TakenAway)
	}
	return nil
}

// finish checks what the case has left.
func (p *probe) finish(ctx context.Context) error {
	if p.backend.Made != nil {
		if made, err := p.backend.Made(ctx); err != nil || len(made) > 0 {
			return fmt.Errorf("left behind: %v, %w", made, err)
		}
	}
	if p.backend.Left == nil {
		return nil
	}
	left, err := p.backend.Left(ctx)
	if err != nil {
		return fmt.Errorf("what is left: %w", err)
	}
	for _, id := range p.left {
		if !slices.Contains(left, id) {
			return fmt.Errorf("the event %s is not there for the consumers any more", id)
		}
	}
	for _, id := range p.gone {
		if slices.Contains(left, id) {
			return fmt.Errorf("the event %s is still there", id)
		}
	}
	return nil
}

func found(ctx context.Context, p *probe) error {
	f, err := p.prepared(ctx)
	if err != nil {
		return err
	}
	return errors.Join(p.publishOwn(ctx, "own"), p.find(ctx, f, "own"), f.Close(ctx))
}

// What a sink tells besides the data is of no account: others may send the event on
// without it.
func foundByData(ctx context.Context, p *probe) error {
	if p.harness.ByID {
		return nil
	}
	f, err := p.prepared(ctx)
	if err != nil {
		return err
	}
	m := event("own")
	m.ID = "another"
	err = p.backend.Publish(ctx, m)
	if err == nil {
		err = p.find(ctx, f, "own")
	}
	p.left, p.gone = nil, nil // it has no id of its own
	return errors.Join(err, f.Close(ctx))
}

func foundAmongOthers(ctx context.Context, p *probe) error {
	f, err := p.prepared(ctx)
	if err != nil {
		return err
	}
	err = errors.Join(p.publish(ctx, "other-1", "other-2"), p.publishOwn(ctx, "own"), p.publish(ctx, "other-3"))
	if p.harness.OnlyAlone {
		err = errors.Join(err, p.blind(ctx, f, "own"))
	} else {
		err = errors.Join(err, p.find(ctx, f, "own"))
	}
	return errors.Join(err, f.Close(ctx))
}

func foundLate(ctx context.Context, p *probe) error {
	f, err := p.prepared(ctx)
	if err != nil {
		return err
	}
	result := make(chan error, 1)
	go func() { result <- p.find(ctx, f, "own") }()
	return errors.Join(p.publishOwn(ctx, "own"), <-result, f.Close(ctx))
}

// The event is sent again where the finder may have missed it.
func foundTwice(ctx context.Context, p *probe) error {
	f, err := p.prepared(ctx)
	if err != nil {
		return err
	}
	err = errors.Join(p.publishOwn(ctx, "own"), p.publishOwn(ctx, "own"))
	if !p.harness.OnlyAlone {
		err = errors.Join(err, p.find(ctx, f, "own"))
	}
	p.left, p.gone = nil, nil // one of them may be left
	return errors.Join(err, f.Close(ctx))
}

func othersBefore(ctx context.Context, p *probe) error {
	if err := p.publish(ctx, "before-1", "before-2"); err != nil {
		return err
	}
	f, err := p.prepared(ctx)
	if err != nil {
		return err
	}
	err = p.publishOwn(ctx, "own")
	if p.harness.OnlyAlone {
		err = errors.Join(err, p.blind(ctx, f, "own"))
	} else {
		err = errors.Join(err, p.find(ctx, f, "own"))
	}
	return errors.Join(err, f.Close(ctx))
}

func sameBefore(ctx context.Context, p *probe) error {
	if !p.harness.KnowsBefore {
		return nil // an id is made anew for each look, so it never is there before
	}
	if err := p.publish(ctx, "own"); err != nil {
		return err
	}
	f, err := p.prepared(ctx)
	if err != nil {
		return err
	}
	return errors.Join(p.miss(ctx, f, "own"), f.Close(ctx))
}

func another(ctx context.Context, p *probe) error {
	f, err := p.prepared(ctx)
	if err != nil {
		return err
	}
	return errors.Join(p.publish(ctx, "other"), p.miss(ctx, f, "own"), f.Close(ctx))
}

func nothing(ctx context.Context, p *probe) error {
	f, err := p.prepared(ctx)
	if err != nil {
		return err
	}
	return errors.Join(p.miss(ctx, f, "own"), f.Close(ctx))
}

// Two who look at the same time do not find each other's event, nor take it away.
func two(ctx context.Context, p *probe) error {
	first, err := p.prepared(ctx)
	if err != nil {
		return err
	}
	second, err := p.prepared(ctx)
	if err != nil {
		return errors.Join(err, first.Close(ctx))
	}
	err = errors.Join(p.publishOwn(ctx, "first"), p.publishOwn(ctx, "second"))
	if p.harness.OnlyAlone {
		err = errors.Join(err, p.blind(ctx, first, "first"), p.blind(ctx, second, "second"))
	} else {
		err = errors.Join(err, p.find(ctx, second, "second"), p.find(ctx, first, "first"))
	}
	return errors.Join(err, first.Close(ctx), second.Close(ctx))
}

// givenUpBefore: Close removes what Prepare may have made.
func givenUpBefore(ctx context.Context, p *probe) error {
	f, err := p.backend.Open()
	if err != nil {
		return err
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	err = f.Prepare(ended)
	if errors.Is(err, find.ErrNotFound) {
		return fmt.Errorf("who gives up is told %w", err)
	}
	return f.Close(ctx)
}

func givenUp(ctx context.Context, p *probe) error {
	f, err := p.prepared(ctx)
	if err != nil {
		return err
	}
	ending, cancel := context.WithCancel(ctx)
	result := make(chan error, 1)
	go func() { result <- f.Find(ending, "own") }()
	err = p.publish(ctx, "other")
	cancel()
	if found := <-result; !errors.Is(found, context.Canceled) || errors.Is(found, find.ErrNotFound) {
		err = errors.Join(err, fmt.Errorf("who gives up is told %w, want context.Canceled", found))
	}
	return errors.Join(err, f.Close(ctx))
}

func closedAtOnce(ctx context.Context, p *probe) error {
	f, err := p.backend.Open()
	if err != nil {
		return err
	}
	return f.Close(ctx)
}

func closedPrepared(ctx context.Context, p *probe) error {
	f, err := p.prepared(ctx)
	if err != nil {
		return err
	}
	return f.Close(ctx)
}

// absent: it is said before an event is sent, so that it can be told from one that got
// lost.
func absent(ctx context.Context, p *probe) error {
	f, err := p.backend.OpenAbsent()
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	err = f.Prepare(ctx)
	if closed := f.Close(ctx); closed != nil {
		return fmt.Errorf("close: %w", closed)
	}
	if !errors.Is(err, find.ErrAbsent) || errors.Is(err, find.ErrNotFound) || errors.Is(err, find.ErrBlind) {
		return fmt.Errorf("there is no such sink: Prepare says %w, want ErrAbsent", err)
	}
	return nil
}

// refused checks that a finder which cannot look says so, and that there is nothing
// that it could not remove.
func refused(ctx context.Context, h Harness, r Refusal, f find.Finder, err error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err == nil {
		if err = f.Prepare(ctx); err == nil {
			err = f.Find(ctx, "own")
		}
		if closed := f.Close(ctx); closed != nil {
			return fmt.Errorf("close: %w", closed)
		}
	}
	switch {
	case err == nil || errors.Is(err, find.ErrNotFound) || errors.Is(err, find.ErrAbsent):
		return fmt.Errorf("it says %w", err)
	case errors.Is(err, find.ErrBlind) != r.Blind:
		return fmt.Errorf("it says %w, and whether it cannot see is %v", err, r.Blind)
	case !strings.Contains(err.Error(), r.Says):
		return fmt.Errorf("it says %w, and not %q", err, r.Says)
	}
	for _, secret := range h.Secrets {
		if strings.Contains(err.Error(), secret) {
			return errors.New("its error shows a secret")
		}
	}
	return nil
}
