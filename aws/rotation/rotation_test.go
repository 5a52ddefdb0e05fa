package rotation_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/aws/fakeaws"
	"github.com/dt-functions/dt-functions/aws/rotation"
	"github.com/dt-functions/dt-functions/aws/secrets"
	"github.com/dt-functions/dt-functions/shared/dtapi"
	"github.com/dt-functions/dt-functions/shared/secret/secrettest"
)

var steps = []string{"createSecret", "setSecret", "testSecret", "finishSecret"}

// made is the base64 of the test's random bytes.
const made = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"

func TestRotation(t *testing.T) {
	for _, repeat := range []int{1, 3} {
		w := newWorld(t, first, "")
		log := new(bytes.Buffer)
		w.config.Logger = slog.New(slog.NewTextHandler(log, nil))
		for _, step := range steps {
			for range repeat {
				if err := w.step(step); err != nil {
					t.Fatalf("%s: %v", step, err)
				}
			}
		}
		if got := w.signing(); !slices.Equal(got, []string{made}) {
			t.Errorf("connectors sign with %v", got)
		}
		if c, p := w.manager.value(secrets.Current), w.manager.value(secrets.Previous); c != made || p != first {
			t.Errorf("current %q, previous %q", c, p)
		}
		if len(w.waits) != 1 || w.waits[0] != rotation.Settle {
			t.Errorf("waited %v", w.waits)
		}
		secrettest.CheckHidden(t, "the log", log.String(), made)
		secrettest.CheckHidden(t, "the log", log.String(), first)
	}
}

// Other members of the secret stay as they are.
func TestMember(t *testing.T) {
	w := newWorld(t, `{"other":"x","signature":"`+first+`"}`, "signature")
	for _, step := range steps {
		if err := w.step(step); err != nil {
			t.Fatalf("%s: %v", step, err)
		}
	}
	if c := w.manager.value(secrets.Current); c != `{"other":"x","signature":"`+made+`"}` {
		t.Errorf("current %s", c)
	}
}

// A step that fails half-way goes on from there.
func TestHalfway(t *testing.T) {
	w := newWorld(t, first, "")
	if err := w.step("createSecret"); err != nil {
		t.Fatal(err)
	}
	failing := &failingDT{DT: w.config.DT, fail: w.connectors[1]}
	w.config.DT = failing
	if err := w.step("setSecret"); err == nil || len(w.signing()) != 2 {
		t.Fatalf("%v, connectors sign with %v", err, w.signing())
	}
	failing.fail = ""
	for _, step := range steps[1:] {
		if err := w.step(step); err != nil {
			t.Fatalf("%s: %v", step, err)
		}
	}
	if got := w.signing(); !slices.Equal(got, []string{made}) {
		t.Errorf("connectors sign with %v", got)
	}
	if failing.updates != 3 {
		t.Errorf("%d updates, want 3: two, of which one failed, and that one again", failing.updates)
	}
}

type failingDT struct {
	rotation.DT
	fail    dtapi.ConnectorName
	updates int
}

func (f *failingDT) UpdateConnector(ctx context.Context, name dtapi.ConnectorName, change dtapi.Change) (dtapi.Connector, error) {
	f.updates++
	if name == f.fail {
		return dtapi.Connector{}, errors.New("DT is not there")
	}
	return f.DT.UpdateConnector(ctx, name, change)
}

// Something else may set a connector while a rotation is under way: the test finds it,
// and the next attempt puts it right.
func TestChangedMeanwhile(t *testing.T) {
	w := newWorld(t, first, "")
	for _, step := range steps[:2] {
		if err := w.step(step); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.dt.UpdateConnector(t.Context(), w.connectors[0], dtapi.Change{SignatureSecret: newSecret(first)}); err != nil {
		t.Fatal(err)
	}
	if err := w.step("testSecret"); err == nil || !strings.Contains(err.Error(), string(w.connectors[0])) {
		t.Errorf("got %v", err)
	}
	for _, step := range steps {
		if err := w.step(step); err != nil {
			t.Fatalf("%s: %v", step, err)
		}
	}
}

// The wait goes on where it was: what has passed since the secret was made counts.
func TestWaitIsResumed(t *testing.T) {
	w := newWorld(t, first, "")
	if err := w.step("createSecret"); err != nil {
		t.Fatal(err)
	}
	w.cloud.Pass(t, 4*time.Minute)
	f, err := rotation.New(w.config)
	if err != nil {
		t.Fatal(err)
	}
	ctx := withDeadline{t.Context(), w.cloud.Clock().Now().Add(time.Minute)}
	err = f.Handle(ctx, rotation.Event{Step: "setSecret", SecretID: arn, ClientRequestToken: token})
	if !errors.Is(err, rotation.ErrTooShort) || !strings.Contains(err.Error(), "1m30s") || !slices.Equal(w.signing(), []string{first}) {
		t.Errorf("got %v", err)
	}
	if err := w.step("setSecret"); err != nil || len(w.waits) != 1 || w.waits[0] != rotation.Settle-4*time.Minute {
		t.Errorf("%v, waited %v", err, w.waits)
	}
}

// withDeadline is a context whose deadline is one of the test's clock.
type withDeadline struct {
	context.Context
	deadline time.Time
}

func (w withDeadline) Deadline() (time.Time, bool) { return w.deadline, true }

func TestRefused(t *testing.T) {
	for name, c := range map[string]struct {
		event  rotation.Event
		change func(*world)
		want   string
	}{
		"unknown step":   {rotation.Event{Step: "doIt", SecretID: arn, ClientRequestToken: token}, nil, `"doIt" is not a step`},
		"other version":  {rotation.Event{Step: "setSecret", SecretID: arn, ClientRequestToken: "other"}, nil, "not pending"},
		"other secret":   {rotation.Event{Step: "setSecret", SecretID: "other", ClientRequestToken: token}, nil, "ResourceNotFoundException"},
		"another secret": {rotation.Event{Step: "setSecret", SecretID: arn, ClientRequestToken: token}, func(w *world) { w.config.Secret.ID = "another" }, "not the one that DT_SIGNATURE_SECRET refers to"},
		"not made yet":   {rotation.Event{Step: "setSecret", SecretID: arn, ClientRequestToken: token}, nil, "ResourceNotFoundException"},
		"store down": {rotation.Event{Step: "createSecret", SecretID: arn, ClientRequestToken: token}, func(w *world) {
			w.aws.Set(func(fakeaws.Call) fakeaws.Answer { return fakeaws.Throttled() })
		}, "ThrottlingException"},
		"no object": {rotation.Event{Step: "createSecret", SecretID: arn, ClientRequestToken: token}, func(w *world) { w.config.Secret.Key = "k" }, "not a JSON object"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, first, "")
			if c.change != nil {
				c.change(w)
			}
			f, err := rotation.New(w.config)
			if err != nil {
				t.Fatal(err)
			}
			if err := f.Handle(t.Context(), c.event); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if got := w.signing(); !slices.Equal(got, []string{first}) {
				t.Errorf("connectors sign with %v", got)
			}
		})
	}
}

func TestNew(t *testing.T) {
	w := newWorld(t, first, "")
	for name, change := range map[string]func(*rotation.Config){
		"no secret":     func(c *rotation.Config) { c.Secret = secrets.Reference{} },
		"a parameter":   func(c *rotation.Config) { c.Secret.Parameter = true },
		"no connectors": func(c *rotation.Config) { c.Connectors = nil },
		"no DT":         func(c *rotation.Config) { c.DT = nil },
	} {
		c := w.config
		change(&c)
		if _, err := rotation.New(c); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
