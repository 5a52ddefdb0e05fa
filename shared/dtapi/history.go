package dtapi

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/url"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// MaxEventPage is the most events that DT puts on a page.
const MaxEventPage = 1000

// An EventQuery says which events of a device's history are wanted. DT keeps a month.
type EventQuery struct {
	// Device is required.
	Device DeviceName
	// Types are the only event types that are wanted; none means all. labelsChanged is
	// not in the history.
	Types []string
	// Start and End bound the events' time. Zero means DT's default: the last 24
	// hours, until now.
	Start, End time.Time
	// PageSize is how many events a page has at most; 0 means MaxEventPage.
	PageSize int
}

// A HistoryEvent is one event of the history. What a connector adds to an event is
// not in it: labels and metadata are those of the device.
type HistoryEvent struct {
	ID         string // eventId: "" if missing
	Type       string // eventType: "" if missing
	TargetName string // targetName: "" if missing
	// Timestamp is zero where it is missing or no time.
	Timestamp time.Time
	// Raw is the event as it was sent, byte for byte. It is a part of its page: who
	// keeps it keeps the page.
	Raw json.RawMessage
}

// Events returns the history of a device page by page, the newest event first, as DT
// sends it. Only one page is held at a time; it has at least one event. An error is
// the last that is returned. It needs RoleUser.
//
// The pages of one device come one after the other, each a request; to use the whole
// of the rate limit, read several devices at once.
func (c *Client) Events(ctx context.Context, q EventQuery) iter.Seq2[[]HistoryEvent, error] {
	r, err := q.request()
	if err != nil {
		return fail[[]HistoryEvent](err)
	}
	return func(yield func([]HistoryEvent, error) bool) {
		for page, err := range c.pages(ctx, r, "events") {
			if err != nil {
				yield(nil, err)
				return
			}
			events := make([]HistoryEvent, len(page))
			for i, value := range page {
				events[i] = decodeHistoryEvent(value)
			}
			if !yield(events, nil) {
				return
			}
		}
	}
}

func (q EventQuery) request() (*request, error) {
	name, err := ParseDeviceName(string(q.Device))
	switch {
	case err != nil:
		return nil, err
	case q.PageSize < 0 || q.PageSize > MaxEventPage:
		return nil, fmt.Errorf("%w: events: page size %d: want 1 to %d", ErrInvalid, q.PageSize, MaxEventPage)
	case !q.Start.IsZero() && !q.End.IsZero() && q.End.Before(q.Start):
		return nil, fmt.Errorf("%w: events: they would end before they start", ErrInvalid)
	case q.PageSize == 0:
		q.PageSize = MaxEventPage
	}
	query := url.Values{"page_size": {strconv.Itoa(q.PageSize)}}
	addAll(query, "event_types", q.Types)
	for parameter, t := range map[string]time.Time{"start_time": q.Start, "end_time": q.End} {
		if !t.IsZero() {
			query.Set(parameter, t.UTC().Format(time.RFC3339Nano))
		}
	}
	r := read(name.Project(), "/"+string(name)+"/events", query)
	r.limit = maxEventAnswer
	return r, nil
}

// decodeHistoryEvent reads what it can of an event. An odd one is no error: the others
// of the page are wanted all the same, and who handles events has a place for what
// cannot be handled.
func decodeHistoryEvent(data jsontext.Value) HistoryEvent {
	e := HistoryEvent{Raw: json.RawMessage(data)}
	_ = eachMember(data, func(name string, value jsontext.Value) error {
		switch fold(name) {
		case "eventid":
			e.ID, _ = text(value)
		case "eventtype":
			e.Type, _ = text(value)
		case "targetname":
			e.TargetName, _ = text(value)
		case "timestamp":
			s, _ := text(value)
			e.Timestamp, _ = time.Parse(time.RFC3339Nano, s)
		}
		return nil
	})
	return e
}
