package platform_test

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/dt-functions/dt-functions/cmd/dtfn/doctor/platform"
	"github.com/dt-functions/dt-functions/local/store"
	"github.com/dt-functions/dt-functions/shared/settings"
	"github.com/dt-functions/dt-functions/shared/sink"
	"github.com/dt-functions/dt-functions/shared/sink/find"
	"github.com/dt-functions/dt-functions/shared/sink/find/findtest"
)

// A cloud is all clouds' secret stores: it answers by host.
type cloud struct {
	answers map[string]string
	asked   []string
}

func (c *cloud) RoundTrip(r *http.Request) (*http.Response, error) {
	c.asked = append(c.asked, r.Method+" "+r.URL.Host+r.URL.Path)
	body, ok := c.answers[r.URL.Host]
	if !ok {
		return nil, errors.New("there is no " + r.URL.Host)
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

// Each module's references are read where they lead.
func TestSecret(t *testing.T) {
	const arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:dt-AbCdEf"
	tests := map[string]struct{ reference, asks string }{
		"aws":             {"aws-secretsmanager://" + arn, "POST secretsmanager.eu-west-1.amazonaws.com/"},
		"aws, parameter":  {"aws-ssm:///dt/secret", "POST ssm.eu-west-1.amazonaws.com/"},
		"gcp":             {"projects/plant/secrets/dt/versions/3", "GET secretmanager.googleapis.com/v1/projects/plant/secrets/dt/versions/3:access"},
		"gcp, by scheme":  {"gcp-secretmanager://projects/plant/secrets/dt", "GET secretmanager.googleapis.com/v1/projects/plant/secrets/dt/versions/latest:access"},
		"azure":           {"azure-keyvault://v.vault.azure.net/secrets/dt/0a1", "GET v.vault.azure.net/secrets/dt/0a1"},
		"azure, by https": {"https://v.vault.azure.net/secrets/dt", "GET v.vault.azure.net/secrets/dt"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := &cloud{answers: map[string]string{
				"secretsmanager.eu-west-1.amazonaws.com": `{"SecretString":"s3cret-MARK"}`,
				"ssm.eu-west-1.amazonaws.com":            `{"Parameter":{"Value":"s3cret-MARK"}}`,
				"secretmanager.googleapis.com":           `{"payload":{"data":"` + base64.StdEncoding.EncodeToString([]byte("s3cret-MARK")) + `"}}`,
				"v.vault.azure.net":                      `{"value":"s3cret-MARK"}`,
			}}
			p := platform.New(platform.Config{Client: &http.Client{Transport: c}, Env: settings.Environment{
				"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "x", "AWS_REGION": "eu-west-1",
				platform.GoogleVariable: "ya29.token", platform.AzureVariable: audience(t, "https://vault.azure.net"),
			}})
			defer p.Close()
			got, err := p.Secret(t.Context(), test.reference)
			if err != nil || got.Reveal() != "s3cret-MARK" || len(c.asked) != 1 || c.asked[0] != test.asks {
				t.Errorf("error %v, asked %q", err, c.asked)
			}
		})
	}
}

// What cannot be read is said with a command that can be copied, whatever is in the
// reference.
func TestSecretElsewhere(t *testing.T) {
	p := platform.New(platform.Config{Client: &http.Client{Transport: &cloud{}}})
	defer p.Close()
	for reference, want := range map[string]string{
		"heroku-config://plant-7/DT_SIGNATURE_SECRET":               `export DT_SIGNATURE_SECRET="$(heroku config:get DT_SIGNATURE_SECRET --app plant-7)"`,
		"heroku-config://plant-7/DT_FORWARD_SECRET":                 `heroku config:get DT_FORWARD_SECRET --app plant-7`,
		"heroku-config://$(MARK)/`MARK`":                            `export DT_SIGNATURE_SECRET="$(heroku config:get DT_SIGNATURE_SECRET --app NAME)"`,
		"heroku-config://--MARK/x":                                  "--app NAME",
		"ibm-code-engine://0a-1/dt-signature/DT_SIGNATURE_SECRET":   "ibmcloud ce project select --id 0a-1 && ibmcloud ce secret get --name dt-signature --decode",
		"ibm-code-engine://;MARK/$(MARK)/DT_SERVICE_ACCOUNT_SECRET": "export DT_SERVICE_ACCOUNT_SECRET with what this shows: ibmcloud ce project select --id PROJECT && ibmcloud ce secret get --name NAME --decode",
		"s3cret-MARK":              "put it into DT_SIGNATURE_SECRET",
		"":                         "put it into DT_SIGNATURE_SECRET",
		"https://example.com/MARK": "put it into DT_SIGNATURE_SECRET",
		"vault://MARK":             "put it into DT_SIGNATURE_SECRET",
	} {
		got, err := p.Secret(t.Context(), reference)
		if !errors.Is(err, platform.ErrUnreadable) || !got.IsZero() || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "MARK") {
			t.Errorf("%s: %v, want %q in it", reference, err, want)
		}
	}
	for reference, want := range map[string]string{
		"aws-secretsmanager://x#":              "want aws-secretsmanager://ARN",
		"projects/MARK":                        "want gcp-secretmanager://",
		"azure-keyvault://example.com/MARK":    "want azure-keyvault://",
		"aws-ssm://name":                       "AWS",
		"gcp-secretmanager://MARK":             "want gcp-secretmanager://",
		"azure-keyvault://v.vault.azure.net/x": "want azure-keyvault://",
	} {
		if _, err := p.Secret(t.Context(), reference); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "MARK") {
			t.Errorf("%s: %v, want %q in it", reference, err, want)
		}
	}
}

// Who has no AWS login is told how to take that of a profile.
func TestSecretNotLoggedIn(t *testing.T) {
	p := platform.New(platform.Config{Env: settings.Environment{"AWS_REGION": "eu-west-1"}})
	defer p.Close()
	if _, err := p.Secret(t.Context(), "aws-ssm://name"); err == nil || !strings.HasPrefix(err.Error(), "log in first: eval \"$(aws configure export-credentials --format env)\"") {
		t.Errorf("got %v", err)
	}
}

// There is a finder for every sink of the five platforms and of every program.
func TestFinders(t *testing.T) {
	p := platform.New(platform.Config{Env: settings.Environment{"DATABASE_URL": "postgres://u:MARK@host/db", "AWS_REGION": "eu-west-1"}})
	defer p.Close()
	finders := p.Finders()
	for _, rawURL := range []string{
		"aws-sqs://sqs.eu-west-1.amazonaws.com/123456789012/q", "aws-sns:///arn:aws:sns:eu-west-1:123456789012:t",
		"aws-eventbridge://default", "aws-kinesis://s", "gcp-pubsub://projects/plant/topics/events",
		"azure-queue://account.queue.core.windows.net/events", "azure-servicebus://ns.servicebus.windows.net/events",
		"azure-eventhubs://ns.servicebus.windows.net/events", "kafkas://u:MARK@broker:9093/events?sasl=plain", "kafka://localhost/events",
		"postgres:", "postgresql://u:MARK@host/db", "sqlite:///tmp/events.db", "file:///tmp/events.jsonl", "stdout:", "https://example.com/events", "http://localhost/events",
	} {
		f, err := finders.Open(rawURL)
		if err != nil {
			t.Errorf("%s: %v", rawURL, err)
			continue
		}
		if err := f.Close(t.Context()); err != nil {
			t.Errorf("%s: %v", rawURL, err)
		}
	}
}

// What is forwarded or printed cannot be looked into, and that is said.
func TestBlind(t *testing.T) {
	finders := platform.New(platform.Config{}).Finders()
	for _, rawURL := range []string{"stdout:", "https://example.com/events", "http://localhost/events"} {
		f, err := finders.Open(rawURL)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Prepare(t.Context()); err != nil {
			t.Error(err)
		}
		if err := f.Find(t.Context(), "own"); !errors.Is(err, find.ErrBlind) {
			t.Errorf("%s: %v", rawURL, err)
		}
	}
}

// The store is open in the program that stores, as it is while dtfn run runs.
func TestSQLite(t *testing.T) {
	finders := platform.New(platform.Config{}).Finders()
	findtest.Run(t, findtest.Harness{
		New: func(t *testing.T) findtest.Backend {
			path := filepath.Join(t.TempDir(), "events.db")
			open := sync.OnceValues(func() (*store.Store, error) {
				s, err := store.Open(context.WithoutCancel(t.Context()), path)
				if err == nil {
					t.Cleanup(func() { _ = s.Close() })
				}
				return s, err
			})
			return findtest.Backend{
				Open:       func() (find.Finder, error) { return finders.Open("sqlite://" + path) },
				OpenAbsent: func() (find.Finder, error) { return finders.Open("sqlite://" + path + ".d/events.db") },
				Publish: func(ctx context.Context, m sink.Message) error {
					s, err := open()
					if err != nil {
						return err
					}
					_, err = s.Publish(ctx, []sink.Message{m})
					return err
				},
				Left: func(ctx context.Context) ([]string, error) {
					s, err := open()
					if err != nil {
						return nil, err
					}
					var ids []string
					for r, err := range s.Query(ctx, store.Query{}) {
						if err != nil {
							return nil, err
						}
						ids = append(ids, r.ID)
					}
					return ids, nil
				},
			}
		},
		KnowsBefore: true, ByID: true,
		Refusals: map[string]findtest.Refusal{
			"no path":  {Open: func(*testing.T) (find.Finder, error) { return finders.Open("sqlite:") }, Says: "the sink's URL names no absolute path"},
			"a folder": {Open: func(t *testing.T) (find.Finder, error) { return finders.Open("sqlite://" + t.TempDir()) }},
		},
	})
}
