package dtcloud

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/dt-functions/dt-functions/shared/event"
)

// retention is how long events are kept: DT's pages say 30 days or 31, depending
// on their age.
const retention = 31 * 24 * time.Hour

// A history holds the events of one device, the oldest first by their timestamps.
type history struct {
	records []*record
}

// add files r, which may be older than what is there: sensors that were out of
// reach send what they stored. Records that are too old or too many go.
func (h *history) add(r *record, now time.Time, limit int) {
	at := len(h.records)
	for at > 0 && h.records[at-1].time.After(r.time) {
		at--
	}
	h.records = slices.Insert(h.records, at, r)
	h.prune(now, limit)
}

func (h *history) prune(now time.Time, limit int) {
	drop := max(len(h.records)-limit, 0)
	for drop < len(h.records) && now.Sub(h.records[drop].time) > retention {
		drop++
	}
	clear(h.records[:drop])
	// Appending moves what is left to a new array once the old one is used up,
	// so that the front does not grow.
	h.records = h.records[drop:]
}

// History returns the events of a device as the REST API shows them, the newest
// first. As there, labelsChanged is not among them.
func (c *Cloud) History(device string) ([]json.RawMessage, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	d, err := c.device(device)
	if err != nil {
		return nil, err
	}
	d.history.prune(c.clock.Now(), c.config.HistoryLimit)
	events := make([]json.RawMessage, 0, len(d.history.records))
	for _, r := range slices.Backward(d.history.records) {
		events = append(events, json.RawMessage(r.json))
	}
	return events, nil
}

// remember keeps r in its device's history and as what the device reported last.
func (c *Cloud) remember(r *record) {
	if r.eventType == event.TypeLabelsChanged {
		return
	}
	d := r.device
	d.history.add(r, c.clock.Now(), c.config.HistoryLimit)
	if last := d.reported[r.eventType]; last == nil || !r.time.Before(last.time) {
		d.reported[r.eventType] = r
	}
}
