package recover_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/functions/recover"
	"github.com/dt-functions/dt-functions/local/dtcloud"
	"github.com/dt-functions/dt-functions/local/dtcloud/dtcloudtest"
	"github.com/dt-functions/dt-functions/shared/checkpoint"
	"github.com/dt-functions/dt-functions/shared/checkpoint/checkpointtest"
	"github.com/dt-functions/dt-functions/shared/dtapi"
	"github.com/dt-functions/dt-functions/shared/event"
	"github.com/dt-functions/dt-functions/shared/filter"
	"github.com/dt-functions/dt-functions/shared/handling"
	"github.com/dt-functions/dt-functions/shared/label"
	"github.com/dt-functions/dt-functions/shared/sink"
)

// kept is a sink that remembers messages by id, and fails when told to.
type kept struct {
	mu       sync.Mutex
	messages map[string]sink.Message
	fail     func(published int) error // asked before each call; nil means no failures
}

func (k *kept) Publish(ctx context.Context, msgs []sink.Message) (sink.Result, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.fail != nil {
		if err := k.fail(len(k.messages)); err != nil {
			return sink.Result{}, err
		}
	}
	if k.messages == nil {
		k.messages = make(map[string]sink.Message)
	}
	var r sink.Result
	for _, m := range msgs {
		if _, there := k.messages[m.ID]; there {
			r.Duplicates++
		}
		k.messages[m.ID] = m
	}
	return r, nil
}

func (*kept) Close() error { return nil }

func (k *kept) ids() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	var ids []string
	for id := range k.messages {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// A scene is a cloud with one connector, and all that recover needs.
type scene struct {
	*dtcloudtest.World
	connector   dtapi.ConnectorName
	sink        *kept
	checkpoints *checkpointtest.Memory
}

func newScene(t *testing.T, spec dtcloud.Connector) *scene {
	t.Helper()
	w := dtcloudtest.New(t, nil)
	return &scene{World: w, connector: w.Connector(t, spec), sink: &kept{}, checkpoints: checkpointtest.NewMemory()}
}

func (s *scene) config(t *testing.T) recover.Config {
	return recover.Config{
		Client: s.Client(t, nil), Connectors: []dtapi.ConnectorName{s.connector},
		Handler: handling.Handler{Sink: s.sink}, Checkpoints: s.checkpoints, Overlap: time.Hour, Now: s.Clock().Now,
	}
}

func (s *scene) run(t *testing.T, change func(*recover.Config)) (recover.Report, error) {
	t.Helper()
	c := s.config(t)
	if change != nil {
		change(&c)
	}
	f, err := recover.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return f.Run(t.Context())
}

func (s *scene) disable(t *testing.T) {
	t.Helper()
	if err := s.SetStatus(string(s.connector), dtcloud.StatusUserDisabled); err != nil {
		t.Fatal(err)
	}
}

func userDisabled(c *recover.Config) { c.UserDisabled = true }

// emit lets a device emit n events, one a minute up to now, and returns their ids.
func (s *scene) emit(t *testing.T, device, eventType string, n int) []string {
	t.Helper()
	var ids []string
	for i := range n {
		ids = append(ids, s.Emit(t, device, eventType, s.Clock().Now().Add(-time.Duration(i)*time.Minute)))
	}
	return ids
}

// checkpointOf returns the time up to which the checkpoint says that all is there.
func (s *scene) checkpointOf(t *testing.T) time.Time {
	t.Helper()
	d, err := s.checkpoints.Reopen().Load(t.Context(), string(s.connector))
	if err != nil {
		t.Fatal(err)
	}
	var state struct{ Until time.Time }
	if err := json.Unmarshal(d.Data, &state); err != nil {
		t.Fatal(err)
	}
	return state.Until
}

// A disabled connector is enabled, and what it missed comes as if it had been
// delivered: its event types and labels, the filter, the label rules, the encoding.
func TestRunClosesAGap(t *testing.T) {
	s := newScene(t, dtcloud.Connector{Events: []string{event.TypeTouch, event.TypeTemperature, event.TypeLabelsChanged}, Labels: []string{"name", "floor"}})
	room := s.Device(t, dtcloud.DeviceSpec{Type: event.DeviceTemperature, Labels: map[string]string{"name": "Room", "floor": "1", "secret": "x"}})
	hall := s.Device(t, dtcloud.DeviceSpec{Type: event.DeviceTouch, Labels: map[string]string{"name": "Hall", "floor": "2"}})
	if report, err := s.run(t, nil); err != nil || report.Connectors[0].Enabled || len(report.Connectors[0].Gaps) != 0 {
		t.Fatalf("a connector that is well: %v, %+v", err, report)
	}
	s.disable(t)
	s.Pass(t, 2*time.Hour)
	want := s.emit(t, room, event.TypeTemperature, 30)
	s.emit(t, room, event.TypeNetworkStatus, 5)         // a type that the connector does not deliver
	want = append(want, s.emit(t, room, "touch", 3)...) // 3 events of another type
	s.emit(t, hall, event.TypeTouch, 7)                 // which the filter does not let pass
	if err := s.SetLabels(room, map[string]string{"floor": "9"}); err != nil {
		t.Fatal(err) // a labelsChanged event, which DT's history does not have
	}

	selector, err := label.ParseSelector("floor!=2")
	if err != nil {
		t.Fatal(err)
	}
	wanted, err := filter.New(filter.Config{Selector: selector})
	if err != nil {
		t.Fatal(err)
	}
	selected, err := label.ParseSelect("floor=level")
	if err != nil {
		t.Fatal(err)
	}
	rules, err := label.NewRules(selected, label.Defaults{})
	if err != nil {
		t.Fatal(err)
	}
	s.Requests()
	report, err := s.run(t, func(c *recover.Config) {
		c.UserDisabled = true
		c.Handler.Filter, c.Handler.Labels = wanted, rules
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(want)
	if got := s.sink.ids(); !slices.Equal(got, want) {
		t.Errorf("recovered %d events, want %d", len(got), len(want))
	}
	c := report.Connectors[0]
	if !c.Enabled || c.Status != "USER_DISABLED" || len(c.Gaps) != 1 || !c.Gaps[0].Finished || c.Gaps[0].Events != 33 || c.Gaps[0].Published != 33 || c.Gaps[0].Devices != 1 {
		t.Errorf("report %+v", c)
	}
	if now := s.Clock().Now(); !c.Checkpoint.Equal(now) || !s.checkpointOf(t).Equal(now) {
		t.Errorf("checkpoint %v, %v, want %v", c.Checkpoint, s.checkpointOf(t), now)
	}
	// Nothing is asked for that the filter would only throw away.
	for _, r := range s.Requests() {
		if strings.Contains(r, hall+"/events") {
			t.Errorf("a request for nothing: %s", r)
		}
	}
	m := s.sink.messages[want[0]]
	if !m.Attributes.Recovered || m.Attributes.ProjectID != "p1" || m.Attributes.DeviceType != event.DeviceTemperature || m.Key != room[len("projects/p1/devices/"):] {
		t.Errorf("attributes %+v, key %q", m.Attributes, m.Key)
	}
	ev, err := event.Decode(m.Data)
	if err != nil {
		t.Fatal(err)
	}
	if level, _ := ev.Labels.Get("level"); !ev.Recovered || level != "9" || len(ev.Labels) != 1 || ev.DeviceType() != event.DeviceTemperature {
		t.Errorf("published %s", m.Data)
	}
	// And it delivers again; the next run has nothing to fetch.
	s.Pass(t, time.Hour)
	s.Requests()
	report, err = s.run(t, nil)
	if c := report.Connectors[0]; err != nil || c.Status != "ACTIVE" || c.Enabled || len(c.Gaps) != 0 || !s.checkpointOf(t).Equal(s.Clock().Now()) {
		t.Errorf("the run after: %v, %+v", err, c)
	}
	if n := len(s.Requests()); n > 3 {
		t.Errorf("the run after made %d requests", n)
	}
}

func TestRunLeavesUsersDecisionsAlone(t *testing.T) {
	s := newScene(t, dtcloud.Connector{})
	device := s.Device(t, dtcloud.DeviceSpec{Type: event.DeviceTouch})
	if _, err := s.run(t, nil); err != nil {
		t.Fatal(err)
	}
	began := s.checkpointOf(t)
	s.disable(t)
	s.Pass(t, time.Hour)
	want := s.emit(t, device, event.TypeTouch, 3)
	report, err := s.run(t, nil)
	if c := report.Connectors[0]; err != nil || c.Enabled || len(c.Notes) != 1 || !strings.Contains(c.Notes[0], "DT_RECOVER_USER_DISABLED") {
		t.Errorf("%v, %+v", err, c)
	}
	if is, _ := s.Cloud.Connector(string(s.connector)); is.Status != dtcloud.StatusUserDisabled || !s.checkpointOf(t).Equal(began) {
		t.Errorf("status %s, checkpoint %v", is.Status, s.checkpointOf(t))
	}
	// Somebody enables it: what it missed was never queued.
	if err := s.SetStatus(string(s.connector), dtcloud.StatusActive); err != nil {
		t.Fatal(err)
	}
	s.Pass(t, time.Minute)
	if report, err = s.run(t, nil); err != nil || len(report.Connectors[0].Gaps) != 1 || len(s.sink.ids()) != len(want) {
		t.Errorf("%v, %+v, %d events", err, report, len(s.sink.ids()))
	}
}

// Deliveries that fail for longer than DT tries are fetched, though the connector
// was never disabled.
func TestRunFetchesWhatDTGivesUp(t *testing.T) {
	s := newScene(t, dtcloud.Connector{HTTPConfig: dtcloud.HTTPConfig{URL: "http://127.0.0.1:1/"}}) // nobody listens there
	device := s.Device(t, dtcloud.DeviceSpec{Type: event.DeviceTouch})
	if _, err := s.run(t, nil); err != nil {
		t.Fatal(err)
	}
	began := s.checkpointOf(t)
	s.Pass(t, time.Minute)
	old := s.Emit(t, device, event.TypeTouch, s.Clock().Now())
	// While DT still tries, nothing is fetched and the checkpoint stays.
	for range 5 {
		s.Pass(t, 2*time.Hour)
		report, err := s.run(t, nil)
		if err != nil || len(report.Connectors[0].Gaps) != 0 || !s.checkpointOf(t).Equal(began) {
			t.Fatalf("%v, %+v", err, report)
		}
	}
	s.Pass(t, 2*time.Hour)
	s.Emit(t, device, event.TypeTouch, s.Clock().Now())
	report, err := s.run(t, nil)
	c := report.Connectors[0]
	if err != nil || len(c.Gaps) != 1 || len(c.Notes) != 1 || !slices.Equal(s.sink.ids(), []string{old}) {
		t.Errorf("%v, %+v, %v", err, c, s.sink.ids())
	}
	if got := s.Clock().Now().Sub(s.checkpointOf(t)); got != 11*time.Hour {
		t.Errorf("the checkpoint is %v old", got)
	}
}

// The sink fails half-way, the run is stopped half-way, the checkpoint store fails:
// the checkpoint never passes what was published, and the next run goes on.
func TestRunIsResumed(t *testing.T) {
	stopAfter := func(n int, err error) func(int) error {
		return func(published int) error {
			if published >= n {
				return err
			}
			return nil
		}
	}
	for _, test := range []struct {
		name  string
		setup func(s *scene, stop context.CancelFunc)
		want  string
	}{
		{"the sink fails", func(s *scene, _ context.CancelFunc) {
			s.sink.fail = stopAfter(900, fmt.Errorf("marker: %w", sink.ErrClosed))
		}, "marker"},
		{"the run is stopped", func(s *scene, stop context.CancelFunc) {
			s.sink.fail = func(published int) error {
				if published >= 900 {
					stop()
				}
				return nil
			}
		}, recover.ErrUnfinished.Error()},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newScene(t, dtcloud.Connector{})
			var want []string
			var devices []string
			for range 5 {
				devices = append(devices, s.Device(t, dtcloud.DeviceSpec{Type: event.DeviceTouch}))
			}
			if _, err := s.run(t, nil); err != nil {
				t.Fatal(err)
			}
			began := s.checkpointOf(t)
			s.disable(t)
			s.Pass(t, 40*time.Hour)
			for _, d := range devices {
				want = append(want, s.emit(t, d, event.TypeTouch, 2200)...)
			}
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			test.setup(s, stop)
			c := s.config(t)
			c.UserDisabled, c.Concurrency = true, 2
			f, err := recover.New(c)
			if err != nil {
				t.Fatal(err)
			}
			report, err := f.Run(ctx)
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), string(s.connector)) {
				t.Fatalf("error %v", err)
			}
			if !s.checkpointOf(t).Equal(began) || report.Connectors[0].Gaps[0].Finished {
				t.Errorf("checkpoint %v, want %v; report %+v", s.checkpointOf(t), began, report)
			}
			s.sink.fail = nil
			s.Requests()
			if report, err = s.run(t, nil); err != nil {
				t.Fatal(err)
			}
			slices.Sort(want)
			if got := s.sink.ids(); !slices.Equal(got, want) {
				t.Errorf("%d events, want %d", len(got), len(want))
			}
			if g := report.Connectors[0].Gaps[0]; !g.Finished || g.DevicesDone != 5 {
				t.Errorf("%+v", g)
			}
			if !s.checkpointOf(t).Equal(s.Clock().Now()) {
				t.Errorf("checkpoint %v, now %v", s.checkpointOf(t), s.Clock().Now())
			}
		})
	}
}

// What is torn, from the future or somebody else's is refused in one clear message;
// the other connectors are done.
func TestRunRefusesBadCheckpoints(t *testing.T) {
	s := newScene(t, dtcloud.Connector{})
	other := s.Connector(t, dtcloud.Connector{})
	for _, test := range []struct{ data, want string }{
		{"", "it is not whole JSON (0 bytes)"},
		{`{"version":1,"conn`, "it is not whole JSON (18 bytes)"},
		{`{"version":2}`, "it was written by a newer version (form 2, this one knows 1)"},
		{`{"version":1,"connector":"projects/x/dataconnectors/y"}`, `it belongs to another connector, "projects/x/dataconnectors/y"`},
		{fmt.Sprintf(`{"version":1,"connector":%q,"until":"2026-12-01T00:00:00Z"}`, s.connector), "it is from the future, 2026-12-01T00:00:00Z; check the clock of this machine, which shows 2026-11-01T08:00:00Z"},
		{fmt.Sprintf(`{"version":1,"connector":%q,"gap":{"from":"2026-10-02T00:00:00Z","to":"2026-10-01T00:00:00Z"}}`, s.connector), "the span it is fetching is not one"},
		{`[]`, "it is not whole JSON"},
	} {
		s.checkpoints = checkpointtest.NewMemory()
		if _, err := s.checkpoints.Save(t.Context(), string(s.connector), []byte(test.data), ""); err != nil {
			t.Fatal(err)
		}
		report, err := s.run(t, func(c *recover.Config) { c.Connectors = append(c.Connectors, other) })
		if !errors.Is(err, recover.ErrCheckpoint) || !strings.Contains(err.Error(), test.want) ||
			!strings.Contains(err.Error(), string(s.connector)) || !strings.Contains(err.Error(), "dtfn recover --since") {
			t.Errorf("%q: %v, want %s", test.data, err, test.want)
		}
		if r := report.Connectors; r[0].Error == "" || r[1].Error != "" || r[1].Checkpoint.IsZero() {
			t.Errorf("%q: %+v", test.data, r)
		}
		if d, _ := s.checkpoints.Load(t.Context(), string(s.connector)); string(d.Data) != test.data {
			t.Errorf("the checkpoint was changed to %s", d.Data)
		}
	}
}

// busy is a checkpoint store in which another run saves too.
type busy struct{ *checkpointtest.Memory }

func (b busy) Save(ctx context.Context, key string, data []byte, revision string) (string, error) {
	d, err := b.Load(ctx, key)
	if err != nil {
		return "", err
	}
	if _, err := b.Memory.Save(ctx, key, []byte(`{}`), d.Revision); err != nil {
		return "", err
	}
	return b.Memory.Save(ctx, key, data, revision)
}

func TestRunStopsBesideAnother(t *testing.T) {
	s := newScene(t, dtcloud.Connector{})
	_, err := s.run(t, func(c *recover.Config) { c.Checkpoints = busy{s.checkpoints} })
	if !errors.Is(err, checkpoint.ErrConflict) || !strings.Contains(err.Error(), string(s.connector)) {
		t.Errorf("error %v", err)
	}
}

// A span by hand: no connector is enabled, no checkpoint is touched.
func TestRunFetchesAWindow(t *testing.T) {
	s := newScene(t, dtcloud.Connector{})
	one, two := s.Device(t, dtcloud.DeviceSpec{Type: event.DeviceTouch, ID: "one"}), s.Device(t, dtcloud.DeviceSpec{Type: event.DeviceTouch, ID: "two"})
	s.disable(t)
	s.Pass(t, 3*time.Hour)
	now := s.Clock().Now()
	inside := s.Emit(t, one, event.TypeTouch, now.Add(-time.Hour))
	s.Emit(t, one, event.TypeTouch, now.Add(-150*time.Minute))
	also := s.Emit(t, two, event.TypeTouch, now.Add(-time.Hour))
	window := func(since, until time.Time, devices ...string) func(*recover.Config) {
		return func(c *recover.Config) {
			c.Window, c.Checkpoints = &recover.Window{Since: since, Until: until, Devices: devices}, nil
		}
	}
	report, err := s.run(t, window(now.Add(-2*time.Hour), now, "one"))
	if err != nil || !slices.Equal(s.sink.ids(), []string{inside}) || report.Connectors[0].Gaps[0].Devices != 1 {
		t.Errorf("%v, %v, %+v", err, s.sink.ids(), report)
	}
	report, err = s.run(t, window(now.Add(-40*24*time.Hour), now))
	if err != nil || len(s.sink.ids()) != 3 || !slices.Contains(s.sink.ids(), also) {
		t.Errorf("%v, %v", err, s.sink.ids())
	}
	want := "DT keeps events for 31 days: those from " + now.Add(-40*24*time.Hour).Format(time.RFC3339) + " to " + now.Add(-31*24*time.Hour).Format(time.RFC3339) + " are lost"
	if notes := report.Connectors[0].Notes; !slices.Equal(notes, []string{want}) {
		t.Errorf("notes %q, want %q", notes, want)
	}
	if _, err = s.run(t, window(now.Add(-time.Hour), now, "nobody")); err == nil || !strings.Contains(err.Error(), `device "nobody" is not in project p1`) {
		t.Error(err)
	}
	if is, _ := s.Cloud.Connector(string(s.connector)); is.Status != dtcloud.StatusUserDisabled {
		t.Errorf("the connector is %s", is.Status)
	}
	for _, c := range []recover.Config{
		{}, {Client: s.Client(t, nil), Connectors: []dtapi.ConnectorName{s.connector}},
		{Client: s.Client(t, nil), Connectors: []dtapi.ConnectorName{s.connector}, Handler: handling.Handler{Sink: s.sink}},
		{Client: s.Client(t, nil), Connectors: []dtapi.ConnectorName{s.connector}, Handler: handling.Handler{Sink: s.sink}, Window: &recover.Window{Since: now, Until: now}},
	} {
		if _, err := recover.New(c); err == nil {
			t.Errorf("%+v is taken", c)
		}
	}
}

// The first run on a disabled connector fetches all that DT keeps, and says so.
func TestRunWithoutACheckpoint(t *testing.T) {
	s := newScene(t, dtcloud.Connector{})
	device := s.Device(t, dtcloud.DeviceSpec{Type: event.DeviceTouch})
	s.disable(t)
	s.Pass(t, 30*24*time.Hour)
	old := s.Emit(t, device, event.TypeTouch, s.Clock().Now().Add(-29*24*time.Hour))
	report, err := s.run(t, userDisabled)
	if c := report.Connectors[0]; err != nil || !slices.Equal(s.sink.ids(), []string{old}) || len(c.Notes) != 1 || !strings.Contains(c.Notes[0], "31 days") {
		t.Errorf("%v, %v, %+v", err, s.sink.ids(), c)
	}
}

// What one connector or device has wrong with it does not stop the others.
func TestRunGoesOn(t *testing.T) {
	s := newScene(t, dtcloud.Connector{})
	gone := dtapi.ConnectorName("projects/p1/dataconnectors/gone")
	forbidden, err := s.AddProject(dtcloud.ProjectSpec{ID: "p2"})
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.AddConnector(forbidden, dtcloud.Connector{HTTPConfig: dtcloud.HTTPConfig{URL: "https://r.example/"}})
	if err != nil {
		t.Fatal(err)
	}
	report, err := s.run(t, func(rc *recover.Config) {
		rc.Connectors = []dtapi.ConnectorName{gone, dtapi.ConnectorName(c.Name), s.connector}
	})
	if !errors.Is(err, dtapi.ErrNotFound) || !errors.Is(err, dtapi.ErrForbidden) || !strings.Contains(err.Error(), string(gone)) || !strings.Contains(err.Error(), c.Name) {
		t.Errorf("error %v", err)
	}
	if r := report.Connectors; r[0].Error == "" || r[1].Error == "" || r[2].Error != "" || r[2].Checkpoint.IsZero() {
		t.Errorf("%+v", r)
	}
}

// What is too large for the sink is kept as a dead letter, and everything else comes.
func TestRunKeepsDeadLetters(t *testing.T) {
	s := newScene(t, dtcloud.Connector{})
	device := s.Device(t, dtcloud.DeviceSpec{Type: event.DeviceTouch})
	s.disable(t)
	want := s.emit(t, device, event.TypeTouch, 9)
	large := s.Emit(t, device, "large", s.Clock().Now())
	dead := &kept{}
	limited := &limitedSink{kept: s.sink}
	report, err := s.run(t, func(c *recover.Config) {
		c.UserDisabled, c.Handler.Sink, c.Handler.DeadLetter = true, limited, dead
	})
	slices.Sort(want)
	if err != nil || !slices.Equal(s.sink.ids(), want) || !slices.Equal(dead.ids(), []string{large}) {
		t.Errorf("%v, %d events, %d dead letters", err, len(s.sink.ids()), len(dead.ids()))
	}
	if g := report.Connectors[0].Gaps[0]; g.Published != 9 || g.DeadLettered != 1 || g.Events != 10 {
		t.Errorf("%+v", g)
	}
	if m := dead.messages[large]; m.Attributes.DeadLetter != "too-large-for-sink" {
		t.Errorf("%+v", m.Attributes)
	}
}

// limitedSink takes no events of the type large.
type limitedSink struct{ *kept }

func (l *limitedSink) Publish(ctx context.Context, msgs []sink.Message) (sink.Result, error) {
	for _, m := range msgs {
		if m.Attributes.EventType == "large" {
			return sink.Result{}, fmt.Errorf("marker: %w", sink.ErrTooLarge)
		}
	}
	return l.kept.Publish(ctx, msgs)
}
