//go:build platforms

package postgres_test

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/dt-functions/dt-functions/heroku/postgres"
	"github.com/dt-functions/dt-functions/shared/sink"
)

// What a server refuses is an error that says why, and passes when its cause does.
func TestServerRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		code, message string
		want          string
	}{
		"disk full":       {"53100", "could not extend file: No space left on device", "make room on the server's disk"},
		"out of memory":   {"53200", "out of memory", "out of memory"},
		"read only":       {"25006", "cannot execute INSERT in a read-only transaction", "this server is a standby"},
		"no connection":   {"53300", "too many clients already", "fewer connections"},
		"lock not there":  {"55P03", "could not obtain lock", "holds a lock"},
		"is shutting off": {"57P03", "the database system is shutting down", "starting or stopping"},
	} {
		database := newDatabase(t, shared)
		s := open(t, database)
		must(t, s.Ping(t.Context()))
		refuse(t, database, c.code, c.message)
		_, err := publish(t.Context(), s, "a")
		wantError(t, err, c.message, c.want)
		if errors.Is(err, sink.ErrTooLarge) {
			t.Errorf("%s: too large", name)
		}
		must(t, shared.Exec(t.Context(), databaseName(t, database), "DROP TRIGGER refuse ON dt_events"))
		_, err = publish(t.Context(), s, "a")
		must(t, err)
	}
}

func TestTooLarge(t *testing.T) {
	database := newDatabase(t, shared)
	s := open(t, database)
	long := message(strings.Repeat("i", 1025))
	_, err := s.Publish(t.Context(), []sink.Message{long})
	if !errors.Is(err, sink.ErrTooLarge) {
		t.Errorf("an id of 1,025 bytes: %v", err)
	}
	large := message("a")
	large.Data = make([]byte, postgres.MaxData+1)
	if _, err := s.Publish(t.Context(), []sink.Message{large}); !errors.Is(err, sink.ErrTooLarge) {
		t.Errorf("data of %d bytes: %v", len(large.Data), err)
	}
	if _, err := s.Publish(t.Context(), []sink.Message{{Data: []byte("{}")}}); err == nil || errors.Is(err, sink.ErrTooLarge) {
		t.Errorf("no id: %v", err)
	}
	// An id as long as it may be is taken, whatever is in it.
	must(t, s.Ping(t.Context()))
	for _, id := range []string{strings.Repeat("i", 1024), strings.Repeat("\x00", 300), strings.Repeat("å", 512)} {
		if _, err := publish(t.Context(), s, id); err != nil {
			t.Errorf("%.10q…: %v", id, err)
		}
	}
	refuse(t, database, "54000", "index row size 2800 exceeds btree version 4 maximum 2704")
	if _, err := publish(t.Context(), s, "b"); !errors.Is(err, sink.ErrTooLarge) {
		t.Errorf("beyond a limit of the server: %v", err)
	}
}

// One message that the server refuses does not fail those of other publishers.
func TestOneIsRefused(t *testing.T) {
	database := newDatabase(t, shared)
	s := open(t, database)
	must(t, s.Ping(t.Context()))
	must(t, shared.Exec(t.Context(), databaseName(t, database), "ALTER TABLE dt_events ADD CHECK (id <> 'bad')"))
	errs := make([]error, 40)
	var wait sync.WaitGroup
	for i := range errs {
		id := fmt.Sprintf("e%02d", i)
		if i == 20 {
			id = "bad"
		}
		wait.Go(func() { _, errs[i] = publish(t.Context(), s, id) })
	}
	wait.Wait()
	for i, err := range errs {
		if (err != nil) != (i == 20) {
			t.Errorf("event %d: %v", i, err)
		}
	}
	if got := len(strings.Fields(storedIDs(t, database))); got != len(errs)-1 {
		t.Errorf("%d are stored", got)
	}
}

func TestWrongPassword(t *testing.T) {
	u, err := url.Parse(newDatabase(t, shared))
	must(t, err)
	u.User = url.UserPassword(u.User.Username(), "wrong-marker-password")
	_, err = publish(t.Context(), open(t, u.String()), "a")
	wantError(t, err, "password authentication failed", "check user and password")
	if strings.Contains(err.Error(), "marker") {
		t.Errorf("the error shows the password: %v", err)
	}
	_, err = publish(t.Context(), open(t, shared.URL("nowhere")), "a")
	wantError(t, err, `database "nowhere" does not exist`, "make the database")
}

// refuse makes the server refuse every event.
func refuse(t *testing.T, rawURL, code, message string) {
	t.Helper()
	must(t, shared.Exec(t.Context(), databaseName(t, rawURL), `
		CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
		$$ BEGIN RAISE EXCEPTION '`+message+`' USING ERRCODE = '`+code+`'; END $$;
		CREATE TRIGGER refuse BEFORE INSERT ON dt_events FOR EACH ROW EXECUTE FUNCTION refuse()`))
}
