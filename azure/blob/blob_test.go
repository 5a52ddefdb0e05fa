package blob_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/azure/blob"
	"github.com/dt-functions/dt-functions/azure/storage"
	"github.com/dt-functions/dt-functions/shared/checkpoint"
	"github.com/dt-functions/dt-functions/shared/secret"
)

type tokens struct{}

func (tokens) Token(context.Context, string) (secret.Text, error) { return secret.New("token"), nil }

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

const address = "azure-blob://acc.blob.core.windows.net/checkpoints/one"

func open(t *testing.T, rawURL string, f transport) (checkpoint.Store, error) {
	t.Helper()
	d := checkpoint.Drivers{blob.Scheme: blob.Opener(storage.Config{Tokens: tokens{}, Client: &http.Client{Transport: f}})}
	return d.Open(t.Context(), rawURL)
}

func answer(status int, header map[string]string) (*http.Response, error) {
	h := http.Header{}
	for name, value := range header {
		h.Set(name, value)
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader("data"))}, nil
}

// A blob is written under a condition, always.
func TestConditions(t *testing.T) {
	var got *http.Request
	s, err := open(t, address, func(r *http.Request) (*http.Response, error) {
		got = r
		return answer(201, map[string]string{"ETag": `"0x8DB"`})
	})
	if err != nil {
		t.Fatal(err)
	}
	revision, err := s.Save(t.Context(), "projects/P/dataconnectors/c", []byte("{}"), "")
	if err != nil || revision != "0x8DB" || got.Header.Get("If-None-Match") != "*" || got.Header.Get("If-Match") != "" {
		t.Errorf("revision %q, error %v, %v", revision, err, got.Header)
	}
	if got.Method != "PUT" || got.URL.Path != "/checkpoints/one/projects.2f.50.2fdataconnectors.2fc" || got.Header.Get("x-ms-blob-type") != "BlockBlob" {
		t.Errorf("%s %s, %v", got.Method, got.URL, got.Header)
	}
	if _, err := s.Save(t.Context(), "c", []byte("{}"), revision); err != nil || got.Header.Get("If-Match") != `"0x8DB"` || got.Header.Get("If-None-Match") != "" {
		t.Errorf("error %v, %v", err, got.Header)
	}
	if d, err := s.Load(t.Context(), "c"); err != nil || string(d.Data) != "data" || d.Revision != "0x8DB" || got.Method != "GET" {
		t.Errorf("%+v, %v", d, err)
	}
	got = nil
	for _, revision := range []string{`a"b`, "a\r\nX: y", "ü"} {
		if _, err := s.Save(t.Context(), "c", nil, revision); !errors.Is(err, checkpoint.ErrConflict) || got != nil {
			t.Errorf("revision %q: %v, sent %v", revision, err, got)
		}
	}
}

func TestFaults(t *testing.T) {
	tests := map[string]struct {
		status   int
		code     string
		conflict bool
		want     string
	}{
		"changed":       {412, "ConditionNotMet", true, ""},
		"made":          {409, "BlobAlreadyExists", true, ""},
		"no container":  {404, "ContainerNotFound", false, "make the container"},
		"no permission": {403, "AuthorizationPermissionMismatch", false, "Storage Blob Data Contributor"},
		"down":          {500, "InternalError", false, "InternalError"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			sent := 0
			s, err := open(t, address, func(*http.Request) (*http.Response, error) {
				sent++
				return answer(test.status, map[string]string{"x-ms-error-code": test.code})
			})
			if err != nil {
				t.Fatal(err)
			}
			_, err = s.Save(t.Context(), "c", nil, "0x1")
			if err == nil || errors.Is(err, checkpoint.ErrConflict) != test.conflict || !strings.Contains(err.Error(), test.want) || sent != 1 {
				t.Errorf("sent %d times, error %v", sent, err)
			}
			if _, err := s.Load(t.Context(), "c"); err == nil {
				t.Error("loading: no error")
			}
		})
	}
}

// What answers without an ETag is another service, or something in between.
func TestNoETag(t *testing.T) {
	s, err := open(t, address, func(*http.Request) (*http.Response, error) { return answer(200, nil) })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Load(t.Context(), "c"); err == nil {
		t.Error("loaded")
	}
	if _, err := s.Save(t.Context(), "c", nil, ""); err == nil {
		t.Error("saved")
	}
}

func TestBadURLs(t *testing.T) {
	tests := map[string]string{ // the URL to what the error says
		"azure-blob://acc.blob.core.windows.net":                                 "names no container",
		"azure-blob://acc.blob.core.windows.net/Checkpoints":                     "names no container",
		"azure-blob://acc.blob.core.windows.net/a--b":                            "names no container",
		"azure-blob://acc.blob.core.windows.net/abc//d":                          "empty part",
		"azure-blob://acc.blob.core.windows.net/abc/../d":                        "of dots",
		"azure-blob://acc.queue.core.windows.net/abc":                            "names no storage account",
		"azure-blob://acc:marked@acc.blob.core.windows.net/abc":                  "credentials are not part",
		"azure-blob://acc.blob.core.windows.net/abc?sig=marked":                  "credentials are not part",
		"azure-blob://acc.blob.core.windows.net/abc/" + strings.Repeat("a", 600): "512 bytes",
	}
	for rawURL, want := range tests {
		_, err := open(t, rawURL, nil)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "marked") {
			t.Errorf("%s: error %v, want %q in it", rawURL, err, want)
		}
	}
}
