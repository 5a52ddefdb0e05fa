package checkpointtest

import (
	"slices"
	"testing"

	"github.com/dt-functions/dt-functions/shared/checkpoint"
)

func TestSuitePassesAGoodStore(t *testing.T) {
	for _, writers := range []int{0, 2, 64} {
		Run(t, func(t *testing.T) Options {
			m := NewMemory()
			return Options{Open: func(*testing.T) checkpoint.Store { return m.Reopen() }, Writers: writers}
		})
	}
	Run(t, func(t *testing.T) Options {
		return Options{Open: newBroken("").open}
	})
}

func TestSuiteNoticesDefects(t *testing.T) {
	tests := []struct{ defect, name string }{ // and a case that fails
		{"finds an empty document", "missing document"},
		{"fails where there is nothing", "missing document"},
		{"takes a revision of nothing", "missing document"},
		{"nil for an empty document", "what is saved is loaded"},
		{"nil is not saved", "what is saved is loaded"},
		{"trims white space", "what is saved is loaded"},
		{"stores text", "what is saved is loaded"},
		{"cuts long data", "what is saved is loaded"},
		{"refuses long data", "what is saved is loaded"},
		{"returns no revision", "what is saved is loaded"},
		{"returns another revision", "what is saved is loaded"},
		{"keeps the revision", "revisions of the same text"},
		{"keeps the caller's memory", "memory is the caller's again"},
		{"hands out its memory", "memory is the caller's again"},
		{"keys without case", "keys do not mix"},
		{"keys as paths", "keys do not mix"},
		{"keys as query parts", "keys do not mix"},
		{"keys cut", "keys do not mix"},
		{"takes any key", "keys that cannot be"},
		{"loads any key", "keys that cannot be"},
		{"takes any length", "documents that cannot be"},
		{"removes before it refuses", "documents that cannot be"},
		{"overwrites what it should make", "document made twice"},
		{"ignores the revision", "stale revision"},
		{"compares revisions by prefix", "stale revision"},
		{"conflict without ErrConflict", "stale revision"},
		{"conflict that changes", "stale revision"},
		{"makes what it should replace", "revision of another document"},
		{"revision of the content", "revisions of the same text"},
		{"forgets on closing", "stored after reopening"},
		{"counts anew when opened", "stored after reopening"},
		{"caches what it has loaded", "two stores"},
		{"closes the others", "two stores"},
		{"checks before it locks", "many writers lose nothing"},
		{"checks before it locks", "one of many makes a document"},
		{"loads after the context's end", "ended context"},
		{"saves after the context's end", "ended context"},
		{"saves and tells of the context", "ended context"},
		{"tears when the context ends", "context ends while saving"},
		{"hides the end of the context", "context ends while saving"},
		{"saves, then tells of a conflict", "context ends while saving"},
		{"closes once", "close"},
		{"loads after close", "close"},
		{"saves after close", "close"},
		{"loses what it saves at the end", "close while saving"},
		{"hides the close", "close while saving"},
	}
	shown := make(map[string]bool) // cases that can fail
	for _, test := range tests {
		t.Run(test.defect, func(t *testing.T) {
			i := slices.IndexFunc(cases(), func(c testCase) bool { return c.name == test.name })
			if i < 0 {
				t.Fatalf("no case %q", test.name)
			}
			b := newBroken(test.defect)
			if err := cases()[i].run(t, Options{Open: b.open}); err == nil {
				t.Errorf("case %q passes", test.name)
			}
			if !b.shown {
				t.Error("no store has this defect")
			}
			shown[test.name] = true
		})
	}
	for _, c := range cases() {
		if !shown[c.name] {
			t.Errorf("no defect shows that case %q can fail", c.name)
		}
	}
}
