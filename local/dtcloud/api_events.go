package dtcloud

import (
	"encoding/json"
	"net/http"
	"slices"
	"sort"
	"strings"
	"time"
)

const (
	// maxEvents is how many events a page has at most, and by default.
	maxEvents     = 1000
	defaultEvents = 100
	// defaultSpan is how far back a list goes without a start time.
	defaultSpan = 24 * time.Hour
)

// listEvents returns a page of a device's history, the newest event first.
func (k *call) listEvents() (any, error) {
	size, err := k.pageSize(maxEvents, defaultEvents)
	if err != nil {
		return nil, err
	}
	c := k.cloud
	c.mu.Lock()
	defer c.mu.Unlock()
	d, err := k.device(RoleUser, "")
	if err != nil {
		return nil, err
	}
	now := c.clock.Now()
	start, err := k.moment("startTime", "start_time", now.Add(-defaultSpan))
	if err != nil {
		return nil, err
	}
	end, err := k.moment("endTime", "end_time", now.Add(time.Nanosecond))
	if err != nil {
		return nil, err
	}
	if end.Before(start) {
		return nil, failure(http.StatusBadRequest, "invalid argument: end_time is before start_time")
	}
	d.history.prune(now, c.config.HistoryLimit)
	records := d.history.between(start, end)
	if records, err = k.afterToken(records); err != nil {
		return nil, err
	}
	types := k.query("eventTypes", "event_types")
	events := []json.RawMessage{}
	next := ""
	for i, r := range slices.Backward(records) {
		if len(types) > 0 && !slices.Contains(types, r.eventType) {
			continue
		}
		if len(events) == size {
			next = eventToken(records[i+1])
			break
		}
		events = append(events, json.RawMessage(r.json))
	}
	return map[string]any{"events": events, "nextPageToken": next}, nil
}

// between returns the records from start on and before end.
func (h *history) between(start, end time.Time) []*record {
	from := sort.Search(len(h.records), func(i int) bool { return !h.records[i].time.Before(start) })
	to := sort.Search(len(h.records), func(i int) bool { return !h.records[i].time.Before(end) })
	return h.records[from:max(from, to)]
}

// eventToken stands for all records that are listed after r: it names r by what
// stays the same when others come or go.
func eventToken(r *record) string {
	return newPageToken(historyToken, r.time.UTC().Format(time.RFC3339Nano)+" "+r.id)
}

// afterToken returns the records that are left to list.
func (k *call) afterToken(records []*record) ([]*record, error) {
	token, err := k.pageToken(historyToken)
	if err != nil || token == "" {
		return records, err
	}
	text, id, _ := strings.Cut(token, " ")
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return nil, errPageToken()
	}
	// The last that is not later; of several at that time, the one that is named.
	i := sort.Search(len(records), func(i int) bool { return records[i].time.After(at) }) - 1
	for j := i; j >= 0 && records[j].time.Equal(at); j-- {
		if records[j].id == id {
			i = j - 1
			break
		}
	}
	return records[:i+1], nil
}

// moment returns a time of the query.
func (k *call) moment(camel, snake string, usual time.Time) (time.Time, error) {
	texts := k.query(camel, snake)
	if len(texts) == 0 || texts[0] == "" {
		return usual, nil
	}
	t, err := time.Parse(time.RFC3339, texts[0])
	if err != nil {
		return t, failure(http.StatusBadRequest, "invalid argument: %s %.40q is not a time such as 2026-11-01T00:00:00Z", snake, texts[0])
	}
	return t, nil
}
