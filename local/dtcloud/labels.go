package dtcloud

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dt-functions/dt-functions/shared/event"
)

// labelsChanged is event.data of that type: alone among the types its members
// stand directly in data.
type labelsChanged struct {
	Added    map[string]string `json:"added"`
	Modified map[string]string `json:"modified"`
	Removed  []string          `json:"removed"`
}

// SetLabels adds and changes the labels in set and removes those in remove, and
// emits labelsChanged if that changes anything. A label that is both set and
// removed is set.
func (c *Cloud) SetLabels(device string, set map[string]string, remove ...string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	d, err := c.device(device)
	if err != nil {
		return fmt.Errorf("set labels: %w", err)
	}
	if _, ok := set[""]; ok {
		return fmt.Errorf("set labels: %w: a label needs a key", ErrInvalid)
	}
	c.setLabels(d, set, remove, c.clock.Now())
	return nil
}

func (c *Cloud) setLabels(d *device, set map[string]string, remove []string, now time.Time) {
	labels := make(map[string]string, len(d.labels)+len(set))
	change := labelsChanged{Added: map[string]string{}, Modified: map[string]string{}, Removed: []string{}}
	for _, l := range d.labels {
		if _, stays := set[l.Key]; !stays && slices.Contains(remove, l.Key) {
			change.Removed = append(change.Removed, l.Key)
			continue
		}
		labels[l.Key] = l.Value
	}
	for key, value := range set {
		before, known := labels[key]
		switch {
		case !known:
			change.Added[key] = value
		case before != value:
			change.Modified[key] = value
		}
		labels[key] = value
	}
	if len(change.Added)+len(change.Modified)+len(change.Removed) == 0 {
		return
	}
	data, err := json.Marshal(change)
	if err != nil {
		panic("dtcloud: " + err.Error()) // texts have no errors
	}
	d.labels = sortedLabels(labels)
	c.emit(d, occurrence{eventType: event.TypeLabelsChanged, data: data, time: now, made: now})
}

func sortedLabels(labels map[string]string) event.Labels {
	sorted := make(event.Labels, 0, len(labels))
	for key, value := range labels {
		sorted = append(sorted, event.Label{Key: key, Value: value})
	}
	slices.SortFunc(sorted, func(a, b event.Label) int { return strings.Compare(a.Key, b.Key) })
	return sorted
}
