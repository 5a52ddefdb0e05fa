package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/dt-functions/dt-functions/local/store"
	"github.com/dt-functions/dt-functions/shared/event"
)

type eventsFlags struct {
	query        store.Query
	store        string
	since, until string
	follow       bool
}

func (a *app) events() *cobra.Command {
	var f eventsFlags
	cmd := &cobra.Command{
		Use:   "events",
		Short: "List and follow what the local store holds",
		Long: `events lists the events in the store that dtfn run and sqlite:// sinks fill, the
oldest first. With --json each is an object on a line of its own; data is the
event as it was published.

` + exitCodeHelp,
		Example: `  dtfn events --type temperature --limit 20
  dtfn events --follow --json | jq .data`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.runEvents(cmd.Context(), f) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.store, "store", defaultStore, "the store's `FILE`")
	flags.StringSliceVar(&f.query.Types, "type", nil, "only events of these `types`")
	flags.StringSliceVar(&f.query.Devices, "device", nil, "only events of these devices, by their `ids`")
	flags.StringSliceVar(&f.query.Projects, "project", nil, "only events of these projects, by their `ids`")
	flags.StringVar(&f.since, "since", "", "only events received at this `TIME` or later: RFC 3339, Unix seconds, or an age such as 2h")
	flags.StringVar(&f.until, "until", "", "only events received before this `TIME`")
	flags.IntVar(&f.query.Limit, "limit", 0, "only the newest so many; 0 is all")
	flags.BoolVarP(&f.follow, "follow", "f", false, "go on with the events that come, until interrupted")
	return cmd
}

func (a *app) runEvents(ctx context.Context, f eventsFlags) error {
	var err error
	if f.query.Since, err = a.moment(f.since); err != nil {
		return misusef("--since: %w", err)
	}
	if f.query.Until, err = a.moment(f.until); err != nil {
		return misusef("--until: %w", err)
	}
	if f.query.Limit < 0 {
		return misusef("--limit: want 0 or more, got %d", f.query.Limit)
	}
	f.query.Newest = f.query.Limit > 0
	events, err := store.Open(ctx, f.store, store.WithExisting())
	if errors.Is(err, fs.ErrNotExist) {
		return misusef("--store: there is no store at %s; dtfn run makes one", f.store)
	}
	if err != nil {
		return misusef("--store: %w", err)
	}
	defer events.Close()
	records := oldestFirst(events.Query(ctx, f.query), f.query.Newest)
	if f.follow {
		records = events.Follow(ctx, f.query)
	}
	if err := a.list(records); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil // interrupted, which is how following ends
}

// oldestFirst turns records round where they come the newest first, which they do
// only under a limit.
func oldestFirst(records iter.Seq2[store.Record, error], newestFirst bool) iter.Seq2[store.Record, error] {
	if !newestFirst {
		return records
	}
	return func(yield func(store.Record, error) bool) {
		var all []store.Record
		for r, err := range records {
			if err != nil {
				yield(r, err)
				return
			}
			all = append(all, r)
		}
		for _, r := range slices.Backward(all) {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// A listedEvent is a stored event for programs.
type listedEvent struct {
	Sequence   int64           `json:"sequence"`
	ID         string          `json:"id"`
	EventType  string          `json:"eventType,omitempty"`
	Device     string          `json:"device,omitempty"`
	DeviceType string          `json:"deviceType,omitempty"`
	Project    string          `json:"project,omitempty"`
	Recovered  bool            `json:"recovered,omitempty"`
	DeadLetter string          `json:"deadLetter,omitempty"`
	Received   time.Time       `json:"received"`
	Data       json.RawMessage `json:"data,omitempty"`
	DataBase64 []byte          `json:"data_base64,omitempty"`
}

func (a *app) list(records iter.Seq2[store.Record, error]) error {
	for r, err := range records {
		if err != nil {
			return err
		}
		if !a.json {
			a.listLine(r)
			continue
		}
		l := listedEvent{
			Sequence: r.Seq, ID: r.ID, EventType: r.Attributes.EventType, Device: r.Key, DeviceType: r.Attributes.DeviceType,
			Project: r.Attributes.ProjectID, Recovered: r.Attributes.Recovered, DeadLetter: r.Attributes.DeadLetter, Received: r.ReceivedAt,
		}
		if json.Valid(r.Data) {
			l.Data = r.Data
		} else {
			l.DataBase64 = r.Data
		}
		a.encode(a.Stdout, l)
	}
	return nil
}

func (a *app) listLine(r store.Record) {
	name, what := r.Key, ""
	if ev, err := event.Decode(r.Data); err == nil {
		name, what = ev.DisplayName(), describe(ev)
	}
	if r.Attributes.DeadLetter != "" {
		what = "dead letter: " + r.Attributes.DeadLetter
	}
	fmt.Fprintf(a.Stdout, "%s  %-20s  %-18s  %-24s  %s\n",
		r.ReceivedAt.Local().Format("2006-01-02 15:04:05"), cut(r.ID, 20), cut(r.Attributes.EventType, 18), cut(name, 24), what)
}

// moment reads a time, or an age before now; "" is the zero time.
func (a *app) moment(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if age, err := time.ParseDuration(text); err == nil {
		return a.Now().Add(-age), nil
	}
	return parseTime(text)
}

// storeURL returns the URL of the store at the absolute path, as a part of a list.
func storeURL(path string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") { // on Windows: C:/events.db
		path = "/" + path
	}
	u := url.URL{Scheme: store.Scheme, Path: path}
	return strings.ReplaceAll(u.String(), ",", "%2C")
}
