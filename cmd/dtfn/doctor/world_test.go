package doctor_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/cmd/dtfn/doctor"
	"github.com/dt-functions/dt-functions/functions/receive"
	"github.com/dt-functions/dt-functions/functions/receive/receivehttp"
	"github.com/dt-functions/dt-functions/local/dtcloud"
	"github.com/dt-functions/dt-functions/local/dtcloud/dtcloudtest"
	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/secret/secrettest"
	"github.com/dt-functions/dt-functions/shared/settings"
	"github.com/dt-functions/dt-functions/shared/signature"
	"github.com/dt-functions/dt-functions/shared/sink"
	"github.com/dt-functions/dt-functions/shared/sink/find"
)

const (
	theSecret   = "s3cr3t-MARK-of-the-deployment"
	otherSecret = "s3cr3t-MARK-of-somebody-else"
)

// A world is a deployment with all that belongs to it, at one time of DT's clock.
type world struct {
	*dtcloudtest.World
	connector string
	shelves   *shelves
	endpoint  *httptest.Server
	api       *httptest.Server
	posts     chan http.Header // what was posted to the endpoint
	config    doctor.Config
}

// A plan says how a world differs from one where all is well.
type plan struct {
	endpointSecret, connectorSecret, givenSecret string        // theSecret, "none" for none
	endpointAhead, machineAhead                  time.Duration // of DT's clock
	dateAhead                                    time.Duration // of the front door's clock
	settings                                     settings.Environment
	connector                                    dtcloud.Connector
	serve                                        http.Handler // instead of receive
	deployment                                   func(*doctor.Deployment)
	config                                       func(*doctor.Config)
	world                                        func(*testing.T, *world)
}

func newWorld(t *testing.T, p plan) *world {
	t.Helper()
	w := &world{World: dtcloudtest.New(t, nil), shelves: &shelves{held: make(map[string][][]byte)}, posts: make(chan http.Header, 1000)}
	now := w.Clock().Now // the virtual clock stands still
	ahead := func(d time.Duration) func() time.Time {
		return func() time.Time { return now().Add(d) }
	}
	w.endpoint = httptest.NewServer(dated(ahead(p.endpointAhead+p.dateAhead), w.counted(p.receiver(t, w, ahead(p.endpointAhead)))))
	t.Cleanup(w.endpoint.Close)
	w.api = httptest.NewServer(dated(now, proxy(t, w.URL)))
	t.Cleanup(w.api.Close)

	spec := p.connector
	if spec.HTTPConfig.URL == "" {
		spec.HTTPConfig.URL = w.endpoint.URL + "/dt"
	}
	spec.HTTPConfig.SignatureSecret = orDefault(p.connectorSecret)
	w.connector = string(w.Connector(t, spec))

	w.config = doctor.Config{
		Deployment: doctor.Deployment{
			Endpoint: w.endpoint.URL + "/dt", Sinks: []string{"shelf://main"}, Connectors: []string{w.connector},
			SignatureSecret: "aws-secretsmanager://arn",
			ServiceAccount:  doctor.ServiceAccount{KeyID: w.Account.KeyID, Email: w.Account.Email, Secret: "aws-ssm://account"},
			Schedules:       map[string]doctor.Schedule{"recover": {Expression: "*/15 * * * *"}, "configure": {Expression: "*/5 * * * *"}},
			Settings:        p.settings,
		},
		Env: settings.Environment{
			"DT_API_URL": w.api.URL + dtcloud.APIPath, "DT_TOKEN_URL": w.api.URL + dtcloud.TokenPath,
		},
		ReadSecret: func(_ context.Context, reference string) (secret.Text, error) {
			if reference == "aws-ssm://account" {
				return w.Account.Secret, nil
			}
			return secret.New(orDefault(p.givenSecret)), nil
		},
		Finders: find.Drivers{"shelf": w.shelves.finder},
		Now:     ahead(p.machineAhead),
		Wait:    10 * time.Second,
	}
	if p.deployment != nil {
		p.deployment(&w.config.Deployment)
	}
	if p.config != nil {
		p.config(&w.config)
	}
	if p.world != nil {
		p.world(t, w)
	}
	return w
}

func orDefault(text string) string {
	switch text {
	case "":
		return theSecret
	case "none":
		return ""
	}
	return text
}

// receiver is the function receive with a clock of its own, or what the plan has
// instead.
func (p plan) receiver(t *testing.T, w *world, now func() time.Time) http.Handler {
	t.Helper()
	if p.serve != nil {
		return p.serve
	}
	drivers := sink.Drivers{"shelf": w.shelves.open}
	env := settings.Environment{"DT_SIGNATURE_SECRET": orDefault(p.endpointSecret), "DT_SINK": "shelf://main"}
	for name, value := range p.settings {
		env[name] = value
	}
	s, err := settings.LoadReceive(env, drivers)
	if err != nil {
		t.Fatal(err)
	}
	function, err := receive.Open(t.Context(), s, receive.Parts{
		Drivers: func(*signature.Signer) sink.Drivers { return drivers }, Path: "/dt", Now: now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return receivehttp.NewHandler(function)
}

// counted keeps the headers of what is posted.
func (w *world) counted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.posts <- r.Header.Clone()
		next.ServeHTTP(rw, r)
	})
}

// dated lets answers have a Date by now.
func dated(now func() time.Time, next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Date", now().UTC().Format(http.TimeFormat))
		next.ServeHTTP(rw, r)
	})
}

func proxy(t *testing.T, address string) http.Handler {
	t.Helper()
	to, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return &httputil.ReverseProxy{
		Rewrite:        func(r *httputil.ProxyRequest) { r.SetURL(to); r.Out.Host = r.In.Host },
		ModifyResponse: func(r *http.Response) error { r.Header.Del("Date"); return nil },
		ErrorLog:       slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	}
}

// run runs the doctor and holds what is true of all that it finds.
func (w *world) run(t *testing.T) []doctor.Result {
	t.Helper()
	var seen []doctor.Result
	w.config.Seen = func(r doctor.Result) { seen = append(seen, r) }
	results, err := doctor.Run(t.Context(), w.config)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(seen, results) {
		t.Errorf("seen were %+v, returned are %+v", seen, results)
	}
	for _, r := range results {
		if r.Status == doctor.Fail && r.Remedy == "" {
			t.Errorf("no remedy: %+v", r)
		}
		if r.Found == "" || strings.ContainsAny(r.Found+r.Remedy, "\n\r") || !slices.Contains(doctor.Checks(), r.Check) {
			t.Errorf("%+v", r)
		}
		for _, hidden := range []string{theSecret, otherSecret, w.Account.Secret.Reveal()} {
			secrettest.CheckHidden(t, r.Check, r.Subject+" "+r.Found+" "+r.Remedy, hidden)
		}
	}
	w.shelves.check(t)
	return results
}

// failed returns the checks that failed, in the order of the results, with their
// subject where a check has several.
func failed(results []doctor.Result) []string { return with(results, doctor.Fail) }

func with(results []doctor.Result, status doctor.Status) []string {
	list := []string{}
	for _, r := range results {
		if r.Status != status {
			continue
		}
		name := r.Check
		if r.Check == doctor.CheckClock || r.Check == doctor.CheckSchedule {
			name += "=" + r.Subject
		}
		list = append(list, name)
	}
	return list
}

// show writes results for a failure of a test.
func show(results []doctor.Result) string {
	var b strings.Builder
	for _, r := range results {
		b.WriteString("\n\t" + string(r.Status) + " " + r.Check + " " + r.Subject + ": " + r.Found + " -> " + r.Remedy)
	}
	return b.String()
}

func resultOf(t *testing.T, results []doctor.Result, check string) doctor.Result {
	t.Helper()
	for _, r := range results {
		if r.Check == check {
			return r
		}
	}
	t.Fatalf("no result of %s in%s", check, show(results))
	return doctor.Result{}
}

// shelves are sinks in memory, and finders for them.
type shelves struct {
	mu      sync.Mutex
	held    map[string][][]byte
	finders []*shelfFinder
}

func (s *shelves) open(_ context.Context, u *url.URL) (sink.Sink, error) {
	return &shelf{shelves: s, name: u.Host}, nil
}

type shelf struct {
	*shelves
	name string
}

func (s *shelf) Publish(_ context.Context, messages []sink.Message) (sink.Result, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range messages {
		s.held[s.name] = append(s.held[s.name], slices.Clone(m.Data))
	}
	return sink.Result{}, nil
}

func (s *shelf) Close() error { return nil }

func (s *shelves) on(name string) [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.held[name])
}

// check holds that every finder was used as it may be: prepared before anything came,
// and closed once.
func (s *shelves) check(t *testing.T) {
	t.Helper()
	for _, f := range s.finders {
		if f.prepared != 1 || f.closed != 1 {
			t.Errorf("the finder of %s was prepared %d times and closed %d times", f.name, f.prepared, f.closed)
		}
	}
}

type shelfFinder struct {
	*shelves
	name             string
	late             bool
	prepareErr       error
	missing          error
	closeErr         error
	before           int
	prepared, closed int
}

func (s *shelves) finder(u *url.URL) (find.Finder, error) {
	f := &shelfFinder{shelves: s, name: u.Host, missing: find.ErrNotFound}
	switch u.Query().Get("fault") {
	case "login":
		if password, _ := u.User.Password(); password != theSecret {
			return nil, errorText("the shelf is locked")
		}
	case "absent":
		f.prepareErr = fmt.Errorf("%w: the room has none of that name", find.ErrAbsent)
	case "prepare":
		f.prepareErr = errorText("no permission to read")
	case "close":
		f.closeErr = errorText("no permission to remove")
	case "taken":
		f.missing = find.ErrTaken
	case "late":
		f.late = true
	case "blind":
		return find.Blind("nobody can look into it")(u)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.finders = append(s.finders, f)
	return f, nil
}

func (f *shelfFinder) Late() bool { return f.late }

func (f *shelfFinder) Prepare(context.Context) error {
	f.prepared++
	f.before = len(f.on(f.name))
	if f.late {
		f.before++ // it misses the first one
	}
	return f.prepareErr
}

func (f *shelfFinder) Find(ctx context.Context, id string) error {
	err := find.Poll(ctx, time.Millisecond, func(context.Context) (bool, error) {
		all := f.on(f.name)
		if len(all) <= f.before {
			return false, nil
		}
		return slices.ContainsFunc(all[f.before:], func(data []byte) bool { return bytes.Contains(data, []byte(id)) }), nil
	})
	if err == find.ErrNotFound {
		return f.missing
	}
	return err
}

func (f *shelfFinder) Close(ctx context.Context) error {
	if ctx.Err() != nil {
		return ctx.Err() // nothing can be removed any more
	}
	f.closed++
	return f.closeErr
}

type errorText string

func (e errorText) Error() string { return string(e) }
