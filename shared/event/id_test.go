package event_test

import (
	"bytes"
	"errors"
	"regexp"
	"testing"
	"testing/iotest"
	"time"

	"github.com/dt-functions/dt-functions/shared/event"
)

func TestNewID(t *testing.T) {
	// The time part of a real id: c82gg9… was made at 2022-02-10T12:42:13Z.
	id, err := event.NewID(time.Date(2022, 2, 10, 12, 42, 13, 0, time.UTC), bytes.NewReader(make([]byte, 8)))
	if err != nil || id != "c82gg980000000000000" {
		t.Errorf("got %q, %v", id, err)
	}
	if !regexp.MustCompile(`^[0-9a-v]{20}$`).MatchString(id) {
		t.Errorf("%q is not 20 characters of base32hex", id)
	}
	broken := errors.New("no randomness")
	if _, err := event.NewID(time.Time{}, iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}
