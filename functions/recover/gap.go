package recover

import (
	"context"
	"fmt"
	"time"
)

// endMargin is how far past its end a gap is fetched: the clocks of DT and of this
// machine differ, and what comes twice is harmless.
const endMargin = time.Minute

// openGap notes that the span from the checkpoint to the time to is to be fetched.
func (r *run) openGap(from, to time.Time) {
	oldest := r.config.Now().Add(-retention)
	switch {
	case from.IsZero():
		r.note("there was no checkpoint, so all that DT keeps is fetched: " + days(retention))
		from = oldest
	default:
		from = from.Add(-r.config.Overlap)
		if from.Before(oldest) {
			r.noteCut(from, oldest)
			from = oldest
		}
	}
	r.state.Gap = &gap{From: from.UTC(), To: to.UTC()}
}

func (r *run) noteCut(from, oldest time.Time) {
	r.note(fmt.Sprintf("DT keeps events for %s: those from %s to %s are lost", days(retention),
		from.UTC().Format(time.RFC3339), oldest.UTC().Format(time.RFC3339)))
}

func days(d time.Duration) string { return fmt.Sprintf("%d days", d/(24*time.Hour)) }

// closeGap fetches what the state's gap lacks, if there is one, and moves the
// checkpoint to its end.
func (r *run) closeGap(ctx context.Context) error {
	if r.state.Gap == nil {
		return nil
	}
	if err := r.fetch(ctx, r.state.Gap, r.state.Gap.To.Add(endMargin), nil, r.save); err != nil {
		return err
	}
	r.state.Until, r.state.Gap = r.state.Gap.To, nil
	r.report.Checkpoint = r.state.Until
	return r.save(ctx)
}

// fetchWindow fetches a span that was given by hand.
func (r *run) fetchWindow(ctx context.Context) error {
	var err error
	if r.is, err = r.config.Client.Connector(ctx, r.name); err != nil {
		return err
	}
	r.report.Status = string(r.is.Status)
	w := r.config.Window
	g := gap{From: w.Since.UTC(), To: w.Until.UTC()}
	if oldest := r.config.Now().Add(-retention); g.From.Before(oldest) {
		r.noteCut(g.From, oldest)
		g.From = oldest.UTC()
	}
	return r.fetch(ctx, &g, g.To, w.Devices, func(context.Context) error { return nil })
}
