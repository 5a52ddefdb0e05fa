package store_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/dt-functions/dt-functions/local/store"
	"github.com/dt-functions/dt-functions/shared/checkpoint"
	"github.com/dt-functions/dt-functions/shared/sink"
)

func Example() {
	dir, err := os.MkdirTemp("", "store")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	now := func() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }
	s, err := store.Open(ctx, filepath.Join(dir, "events.db"), store.WithClock(now))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()

	events := []sink.Message{
		{ID: "c82gg9catj3vmh4248og", Key: "emuc17m6d7lq0bgk44smcqg", Attributes: sink.Attributes{EventType: "touch"}, Data: []byte(`{}`)},
		{ID: "c82gg9catj3vmh4248p0", Key: "emuc17m6d7lq0bgk44smcqg", Attributes: sink.Attributes{EventType: "temperature"}, Data: []byte(`{}`)},
	}
	for range 2 { // DT delivers at least once
		result, err := s.Publish(ctx, events)
		fmt.Println("duplicates:", result.Duplicates, err)
	}
	for r, err := range s.Query(ctx, store.Query{Types: []string{"temperature"}}) {
		fmt.Println(r.Seq, r.ID, r.Attributes.EventType, r.ReceivedAt.Format(time.RFC3339), err)
	}
	// Output:
	// duplicates: 0 <nil>
	// duplicates: 2 <nil>
	// 2 c82gg9catj3vmh4248p0 temperature 2026-11-23T12:00:00Z <nil>
}

func ExampleStore_Follow() {
	dir, err := os.MkdirTemp("", "store")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	s, err := store.Open(ctx, filepath.Join(dir, "events.db"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()
	if _, err := s.Publish(ctx, []sink.Message{{ID: "there"}}); err != nil {
		fmt.Println(err)
	}
	for r, err := range s.Follow(ctx, store.Query{Limit: 2}) {
		fmt.Println(r.ID, err)
		if r.ID == "there" {
			if _, err := s.Publish(ctx, []sink.Message{{ID: "new"}}); err != nil {
				fmt.Println(err)
			}
		}
	}
	// Output:
	// there <nil>
	// new <nil>
}

func ExampleOpenCheckpoint() {
	dir, err := os.MkdirTemp("", "store")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	drivers := checkpoint.Portable()
	drivers[store.Scheme] = store.OpenCheckpoint
	u := url.URL{Scheme: store.Scheme, Path: filepath.ToSlash(filepath.Join(dir, "events.db"))}
	c, err := drivers.Open(ctx, u.String())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	revision, err := c.Save(ctx, "projects/p/dataconnectors/c", []byte(`{"until":"2026-11-23T12:00:00Z"}`), "")
	fmt.Println(revision, err)
	_, err = c.Save(ctx, "projects/p/dataconnectors/c", []byte(`{}`), "")
	fmt.Println(errors.Is(err, checkpoint.ErrConflict))
	// Output:
	// 1 <nil>
	// true
}
