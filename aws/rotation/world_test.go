package rotation_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/aws/fakeaws"
	"github.com/dt-functions/dt-functions/aws/rotation"
	"github.com/dt-functions/dt-functions/aws/secrets"
	"github.com/dt-functions/dt-functions/local/dtcloud"
	"github.com/dt-functions/dt-functions/local/dtcloud/dtcloudtest"
	"github.com/dt-functions/dt-functions/shared/dtapi"
	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/secretstore"
)

const (
	arn   = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:dt-AbCdEf"
	token = "11111111-2222-4333-8444-555555555555"
	first = "the-first-secret"
)

// A manager is Secrets Manager with one secret.
type manager struct {
	mu      sync.Mutex
	now     func() time.Time
	text    map[string]string // by version
	created map[string]time.Time
	stages  map[string]string // version by label
}

func newManager(now func() time.Time, text string) *manager {
	m := &manager{now: now, text: map[string]string{"v1": text}, created: map[string]time.Time{"v1": now()}, stages: map[string]string{secrets.Current: "v1"}}
	// RotateSecret makes a version without a value before it calls the function.
	m.stages[secrets.Pending] = token
	return m
}

// value returns what the version with that label holds.
func (m *manager) value(stage string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.text[m.stages[stage]]
}

func (m *manager) answer(c fakeaws.Call) fakeaws.Answer {
	m.mu.Lock()
	defer m.mu.Unlock()
	var in struct {
		SecretId, VersionId, VersionStage, ClientRequestToken, SecretString, MoveToVersionId, RemoveFromVersionId string
		VersionStages                                                                                             []string
	}
	if err := json.Unmarshal(c.Body, &in); err != nil || in.SecretId != arn {
		return fakeaws.Answer{Status: 400, Body: `{"__type":"ResourceNotFoundException"}`}
	}
	var out any = struct{}{}
	switch c.Operation {
	case "secretsmanager.DescribeSecret":
		versions := map[string][]string{}
		for stage, version := range m.stages {
			versions[version] = append(versions[version], stage)
		}
		out = map[string]any{"ARN": arn, "Name": "dt", "VersionIdsToStages": versions}
	case "secretsmanager.GetSecretValue":
		version := m.stages[in.VersionStage]
		text, ok := m.text[version]
		if !ok || in.VersionId != "" && in.VersionId != version {
			return fakeaws.Answer{Status: 400, Body: `{"__type":"ResourceNotFoundException"}`}
		}
		out = map[string]any{"SecretString": text, "CreatedDate": float64(m.created[version].UnixMilli()) / 1000}
	case "secretsmanager.PutSecretValue":
		if _, ok := m.text[in.ClientRequestToken]; ok {
			return fakeaws.Answer{Status: 400, Body: `{"__type":"ResourceExistsException"}`}
		}
		m.text[in.ClientRequestToken], m.created[in.ClientRequestToken] = in.SecretString, m.now()
		for _, stage := range in.VersionStages {
			m.stages[stage] = in.ClientRequestToken
		}
	case "secretsmanager.UpdateSecretVersionStage":
		if m.stages[in.VersionStage] != in.RemoveFromVersionId {
			return fakeaws.Answer{Status: 400, Body: `{"__type":"InvalidParameterException"}`}
		}
		m.stages[secrets.Previous] = in.RemoveFromVersionId
		m.stages[in.VersionStage] = in.MoveToVersionId
	default:
		return fakeaws.Answer{Status: 400, Body: `{"__type":"UnknownOperationException"}`}
	}
	text, err := json.Marshal(out)
	if err != nil {
		return fakeaws.Answer{Status: 500}
	}
	return fakeaws.Answer{Body: string(text)}
}

// A world is Secrets Manager and DT, and a receiver whose knowledge is as old as it
// can be.
type world struct {
	t          *testing.T
	cloud      *dtcloudtest.World
	dt         *dtapi.Client
	manager    *manager
	aws        *fakeaws.Server
	connectors []dtapi.ConnectorName
	config     rotation.Config
	// known are the texts of all versions by the time at which a receiver could have
	// read them.
	known []snapshot
	waits []time.Duration
}

type snapshot struct {
	at    time.Time
	texts []string
}

func newWorld(t *testing.T, text, key string) *world {
	t.Helper()
	w := &world{t: t, cloud: dtcloudtest.New(t, nil)}
	w.dt = w.cloud.Client(t, nil)
	now := w.cloud.Clock().Now
	w.manager = newManager(now, text)
	w.aws = fakeaws.New(t, w.manager.answer)
	for i := range 2 {
		w.connectors = append(w.connectors, w.cloud.Connector(t, dtcloud.Connector{
			DisplayName: fmt.Sprint("connector ", i), HTTPConfig: dtcloud.HTTPConfig{URL: "https://receiver.example/", SignatureSecret: first},
		}))
	}
	w.config = rotation.Config{
		Client: w.aws.Client(), Secret: secrets.Reference{ID: arn, Key: key}, DT: checkedDT{w}, Connectors: w.connectors, Now: now,
		Sleep: func(_ context.Context, d time.Duration) error {
			w.waits = append(w.waits, d)
			w.cloud.Pass(t, d)
			w.look()
			return nil
		},
		Random: strings.NewReader(strings.Repeat("0123456789abcdef", 10)),
	}
	w.look()
	return w
}

// look notes what a receiver would read now.
func (w *world) look() {
	var texts []string
	for _, stage := range []string{secrets.Current, secrets.Previous, secrets.Pending} {
		if text := w.manager.value(stage); text != "" {
			if s, err := (secrets.Reference{Key: w.config.Secret.Key}).Extract(text); err == nil {
				texts = append(texts, s)
			}
		}
	}
	w.known = append(w.known, snapshot{w.cloud.Clock().Now(), texts})
}

// check fails unless every receiver knows s, also one that has read the secrets as
// long ago as can be.
func (w *world) check(s string) {
	w.t.Helper()
	now := w.cloud.Clock().Now()
	oldest := snapshot{}
	for _, k := range w.known {
		if oldest.texts == nil || !k.at.After(now.Add(-secretstore.RefreshInterval)) {
			oldest = k
		}
	}
	if !slices.Contains(oldest.texts, s) {
		w.t.Errorf("at %s DT signs with a secret that a receiver does not know, which has read %d at %s", now, len(oldest.texts), oldest.at)
	}
}

// checkedDT is DT's API; every secret that a connector gets is checked.
type checkedDT struct{ w *world }

func (d checkedDT) Connector(ctx context.Context, name dtapi.ConnectorName) (dtapi.Connector, error) {
	return d.w.dt.Connector(ctx, name)
}

func (d checkedDT) UpdateConnector(ctx context.Context, name dtapi.ConnectorName, change dtapi.Change) (dtapi.Connector, error) {
	d.w.check(change.SignatureSecret.Reveal())
	return d.w.dt.UpdateConnector(ctx, name, change)
}

// step does one step, and looks at all secrets after it.
func (w *world) step(name string) error {
	w.t.Helper()
	f, err := rotation.New(w.config)
	if err != nil {
		w.t.Fatal(err)
	}
	err = f.Handle(w.t.Context(), rotation.Event{Step: name, SecretID: arn, ClientRequestToken: token})
	w.look()
	for _, s := range w.signing() {
		w.check(s)
	}
	return err
}

// signing returns what the connectors sign with.
func (w *world) signing() []string {
	w.t.Helper()
	all := map[string]bool{}
	for _, name := range w.connectors {
		c, err := w.dt.Connector(w.t.Context(), name)
		if err != nil {
			w.t.Fatal(err)
		}
		all[c.HTTP.SignatureSecret.Reveal()] = true
	}
	return slices.Collect(maps.Keys(all))
}

func newSecret(text string) *secret.Text {
	s := secret.New(text)
	return &s
}
