package store

import (
	"path/filepath"
	"testing"
)

// What an acknowledgement is worth depends on these.
func TestConnectionsAreDurable(t *testing.T) {
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "events.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for pragma, want := range map[string]string{
		"journal_mode":         "wal",
		"synchronous":          "2", // FULL
		"fullfsync":            "1",
		"checkpoint_fullfsync": "1",
		"busy_timeout":         "5000",
		"journal_size_limit":   "67108864",
		"query_only":           "0",
	} {
		var got string
		if err := s.write.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s of the writer: got %s, %v, want %s", pragma, got, err, want)
		}
	}
	if _, err := s.read.ExecContext(t.Context(), "DELETE FROM events"); err == nil {
		t.Error("a reader can write")
	}
}
