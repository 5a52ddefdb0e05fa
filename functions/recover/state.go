package recover

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// stateVersion is the version of the checkpoint's form.
const stateVersion = 1

// clockSkew is how far a checkpoint may be ahead of this machine's clock.
const clockSkew = 5 * time.Minute

// state is the checkpoint of one connector.
type state struct {
	Version   int    `json:"version"`
	Connector string `json:"connector"`
	// Until is the time before which every event has come; zero at first.
	Until time.Time `json:"until,omitzero"`
	// Seen is what the last run saw.
	Seen seen `json:"seen,omitzero"`
	// Gap is what is being fetched.
	Gap *gap `json:"gap,omitempty"`
}

// errSave: without its checkpoint a run must not go on, since what it does could not
// be gone on with.
var errSave = errors.New("saving the checkpoint")

type seen struct {
	Time     time.Time `json:"time"`
	Disabled bool      `json:"disabled,omitempty"`
}

// A gap is a span of a connector's events that is being fetched, and how far that
// is. Each device is fetched from its newest event back, as DT's event history
// lists them.
type gap struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	// Through: devices up to this id, in their order, are done.
	Through string `json:"through,omitempty"`
	// Done are the ids of further devices that are.
	Done []string `json:"done,omitempty"`
	// Back holds, for devices that are begun, how far back they are.
	Back map[string]time.Time `json:"back,omitempty"`
}

func (r *run) load(ctx context.Context) error {
	document, err := r.config.Checkpoints.Load(ctx, string(r.name))
	if err != nil {
		return fmt.Errorf("reading the checkpoint: %w", err)
	}
	r.revision = document.Revision
	r.state = state{Version: stateVersion, Connector: string(r.name)}
	if document.Revision == "" {
		return nil
	}
	if err := r.state.parse(document.Data, r.config.Now()); err != nil {
		return fmt.Errorf("%w: %w; to begin anew, remove it and fetch what may be missing with `dtfn recover --since`", ErrCheckpoint, err)
	}
	r.report.Checkpoint = r.state.Until
	return nil
}

func (s *state) parse(data []byte, now time.Time) error {
	name := s.Connector
	*s = state{}
	if err := json.Unmarshal(data, s); err != nil {
		return fmt.Errorf("it is not whole JSON (%d bytes)", len(data))
	}
	latest := now.Add(clockSkew)
	switch {
	case s.Version > stateVersion:
		return fmt.Errorf("it was written by a newer version (form %d, this one knows %d)", s.Version, stateVersion)
	case s.Version != stateVersion:
		return errors.New("it is not a checkpoint of recover")
	case s.Connector != name:
		return fmt.Errorf("it belongs to another connector, %.100q", s.Connector)
	case s.Until.After(latest):
		return fmt.Errorf("it is from the future, %s; check the clock of this machine, which shows %s",
			s.Until.Format(time.RFC3339), now.Format(time.RFC3339))
	case s.Gap != nil && (s.Gap.To.After(latest) || s.Gap.From.After(s.Gap.To)):
		return errors.New("the span it is fetching is not one")
	}
	return nil
}

// save keeps the state. It does so too when ctx has ended, so that what was fetched
// is not fetched again.
func (r *run) save(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	data, err := json.Marshal(&r.state)
	if err != nil {
		return err
	}
	revision, err := r.config.Checkpoints.Save(ctx, string(r.name), data, r.revision)
	if err != nil {
		return fmt.Errorf("%w: %w", errSave, err)
	}
	r.revision = revision
	return nil
}
