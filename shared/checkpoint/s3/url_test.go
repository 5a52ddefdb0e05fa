package s3_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/shared/checkpoint"
	"github.com/dt-functions/dt-functions/shared/checkpoint/s3"
	"github.com/dt-functions/dt-functions/shared/secret/secrettest"
)

func environment(pairs ...string) map[string]string {
	env := map[string]string{s3.VariableAccessKeyID: "the-key", s3.VariableSecretAccessKey: "marked-secret"}
	for i := 0; i < len(pairs); i += 2 {
		env[pairs[i]] = pairs[i+1]
	}
	return env
}

func drivers(env map[string]string, client *http.Client) checkpoint.Drivers {
	return checkpoint.Drivers{s3.Scheme: s3.Opener(s3.Access{
		Environment: env, Client: client,
		Now: func() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) },
	})}
}

func TestOpener(t *testing.T) {
	tests := map[string]struct{ query, region, want string }{
		"nothing said":    {"", "", "us-east-1"},
		"the environment": {"", "eu-gb", "eu-gb"},
		"the URL":         {"?region=eu-de", "eu-gb", "eu-de"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.scope = "the-key/20260301/" + test.want
			host := strings.TrimPrefix(f.URL, "http://")
			store, err := drivers(environment(s3.VariableRegion, test.region), f.Client()).Open(t.Context(), "s3://"+host+"/bucket/dt/recover"+test.query)
			if err != nil {
				t.Fatal(err)
			}
			defer store.Close()
			if _, err := store.Save(t.Context(), key, []byte("text"), ""); err != nil {
				t.Fatal(err)
			}
			if path, want := f.requests[0].URL.Path, "/bucket/dt/recover/projects.2fp.2fdataconnectors.2fc"; path != want {
				t.Errorf("path %s, want %s", path, want)
			}
		})
	}
}

// Elsewhere than on this machine there is TLS.
func TestOpenerUsesTLS(t *testing.T) {
	var asked string
	client := &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		asked = r.URL.String()
		return nil, http.ErrServerClosed
	})}
	store, err := drivers(environment(), client).Open(t.Context(), "s3://store.example.com/bucket")
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if _, err := store.Load(t.Context(), key); err == nil || !strings.HasPrefix(asked, "https://store.example.com/bucket/") {
		t.Errorf("asked %s, %v", asked, err)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestOpenerRefuses(t *testing.T) {
	tests := map[string]struct {
		url  string
		env  map[string]string
		want string
	}{
		"no bucket":    {"s3://store.example.com/", environment(), "bucket"},
		"no host":      {"s3:///bucket", environment(), "want s3://HOST/BUCKET/PREFIX"},
		"a password":   {"s3://key:marked-secret@store.example.com/bucket", environment(), "want s3://HOST/BUCKET/PREFIX"},
		"other option": {"s3://store.example.com/bucket?secret=marked-secret", environment(), "want s3://HOST/BUCKET/PREFIX"},
		"a prefix up":  {"s3://store.example.com/bucket/../other", environment(), "prefix"},
		"no keys":      {"s3://store.example.com/bucket", nil, s3.VariableSecretAccessKey},
		"half a key":   {"s3://store.example.com/bucket", map[string]string{s3.VariableAccessKeyID: "the-key"}, s3.VariableSecretAccessKey},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := drivers(test.env, nil).Open(t.Context(), test.url)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("error %v, want %q in it", err, test.want)
			}
			secrettest.CheckHidden(t, "the error", err.Error(), "marked-secret")
		})
	}
}
