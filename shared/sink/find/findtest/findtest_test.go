package findtest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/shared/sink"
	"github.com/dt-functions/dt-functions/shared/sink/find"
)

// A memory is a sink in this process. Its finders have one defect each, to show that
// the suite notices.
type memory struct {
	defect string

	mu     sync.Mutex
	events []sink.Message
	made   []string
}

func (m *memory) publish(_ context.Context, e sink.Message) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.events = append(m.events, e)
	return nil
}

func (m *memory) left(context.Context) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var ids []string
	for _, e := range m.events {
		ids = append(ids, e.ID)
	}
	return ids, nil
}

func (m *memory) backend() Backend {
	return Backend{
		Open:       func() (find.Finder, error) { return &finder{memory: m}, nil },
		OpenAbsent: func() (find.Finder, error) { return &finder{memory: m, absent: true}, nil },
		Publish:    m.publish, Left: m.left,
		Made: func(context.Context) ([]string, error) {
			m.mu.Lock()
			defer m.mu.Unlock()
			return m.made, nil
		},
	}
}

type finder struct {
	*memory
	before int
	ready  bool
	absent bool
}

func (f *finder) Prepare(ctx context.Context) error {
	if f.defect == "says of a refusal that nothing is there" {
		return find.ErrNotFound
	}
	if f.defect == "says of a refusal that there is no sink" {
		return find.ErrAbsent
	}
	if strings.HasPrefix(f.defect, "refused") {
		return errors.New(f.defect)
	}
	if f.absent {
		switch f.defect {
		case "takes no sink for an empty one":
		case "takes no sink for one that it may not see":
			return find.ErrBlind
		default:
			return find.ErrAbsent
		}
	}
	if err := ctx.Err(); err != nil {
		if f.defect == "takes giving up for nothing found" {
			return find.ErrNotFound
		}
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.before, f.ready = len(f.events), true
	f.made = append(f.made, "a queue")
	return nil
}

func (f *finder) Find(ctx context.Context, id string) error {
	if f.defect == "gives up late" {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), 10*time.Millisecond)
		defer cancel()
	}
	if f.defect == "looks once" {
		if ok, _ := f.look(id); !ok {
			return find.ErrBlind
		}
		return nil
	}
	err := find.Poll(ctx, time.Millisecond, func(context.Context) (bool, error) { return f.look(id) })
	switch {
	case err == find.ErrNotFound && f.defect == "says that consumers may have it":
		return find.ErrTaken
	case err == find.ErrNotFound && f.defect == "has an error of its own":
		return errors.New("nothing")
	}
	return err
}

func (f *finder) look(id string) (bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	from := f.events[min(f.before, len(f.events)):]
	if f.defect == "finds what was before" {
		from = f.events
	}
	i := slices.IndexFunc(from, func(e sink.Message) bool {
		return f.defect == "finds any" || e.ID == id || f.defect != "looks at the id alone" && strings.Contains(string(e.Data), `"`+id+`"`)
	})
	switch f.defect {
	case "takes all":
		f.events = nil
	case "takes the one it finds":
		if i >= 0 {
			f.events = slices.DeleteFunc(f.events, func(e sink.Message) bool { return e.ID == id })
		}
	}
	return i >= 0, nil
}

func (f *finder) Close(context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.defect == "wants to be prepared" && !f.ready {
		return errors.New("not prepared")
	}
	if f.defect != "leaves what it made" {
		f.made = nil
	}
	return nil
}

func harness(defect string) Harness {
	return Harness{
		New:         func(*testing.T) Backend { return (&memory{defect: defect}).backend() },
		KnowsBefore: true,
	}
}

func TestSuitePassesAGoodFinder(t *testing.T) {
	h := harness("")
	h.Refusals = map[string]Refusal{"no permission": {
		Open: func(*testing.T) (find.Finder, error) {
			return &finder{memory: &memory{defect: "refused: give yourself the role"}}, nil
		},
		Says: "the role",
	}}
	h.Secrets = []string{"marked"}
	Run(t, h)
}

func TestSuiteNoticesDefects(t *testing.T) {
	tests := map[string]string{ // defect to a case that fails
		"finds any":                                 "another one is not it",
		"finds what was before":                     "the same event before it",
		"looks at the id alone":                     "found by what is in it alone",
		"looks once":                                "nothing comes",
		"says that consumers may have it":           "nothing comes",
		"has an error of its own":                   "nothing comes",
		"takes all":                                 "another one is not it",
		"takes the one it finds":                    "found",
		"takes giving up for nothing found":         "given up before it begins",
		"gives up late":                             "given up while it looks",
		"leaves what it made":                       "closed with nothing looked for",
		"wants to be prepared":                      "closed with nothing done",
		"takes no sink for an empty one":            "no such sink",
		"takes no sink for one that it may not see": "no such sink",
	}
	for defect, name := range tests {
		t.Run(defect, func(t *testing.T) {
			h := harness(defect)
			h.patience = 100 * time.Millisecond
			i := slices.IndexFunc(cases(), func(c testCase) bool { return c.name == name })
			if i < 0 {
				t.Fatalf("no case %q", name)
			}
			if err := cases()[i].run(t.Context(), h, h.New(t)); err == nil {
				t.Errorf("case %q passes", name)
			}
		})
	}
}

func TestSuiteNoticesBadRefusals(t *testing.T) {
	h := Harness{Secrets: []string{"marked"}}
	for defect, r := range map[string]Refusal{
		"": {},
		"says of a refusal that nothing is there": {},
		"says of a refusal that there is no sink": {},
		"refused without a word of it":            {Says: "the role"},
		"refused, but looks could be taken":       {Blind: true},
		"refused for marked":                      {},
	} {
		f := &finder{memory: &memory{defect: defect}}
		if defect == "" {
			_ = f.publish(t.Context(), event("own")) // so that it is found
			f.defect = "finds what was before"
		}
		if err := refused(t.Context(), h, r, f, nil); err == nil {
			t.Errorf("%q passes", defect)
		}
	}
}
