package storage_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/fsouza/fake-gcs-server/fakestorage"

	"github.com/dt-functions/dt-functions/gcp/storage"
	"github.com/dt-functions/dt-functions/shared/checkpoint"
	"github.com/dt-functions/dt-functions/shared/checkpoint/checkpointtest"
	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/secret/secrettest"
)

const (
	marked = "ya29.t0ken-MARK-0123456789"
	key    = "projects/P/dataconnectors/C"
)

// newFake returns a fake of Cloud Storage with the bucket "plant", and has t stop it.
func newFake(t *testing.T) *fakestorage.Server {
	t.Helper()
	fake, err := fakestorage.NewServerWithOptions(fakestorage.Options{Scheme: "http", Host: "127.0.0.1", Writer: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(fake.Stop)
	fake.CreateBucketWithOpts(fakestorage.CreateBucketOpts{Name: "plant"})
	return fake
}

func open(ctx context.Context, c storage.Config, rawURL string) (checkpoint.Store, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, err
	}
	return storage.Opener(c)(ctx, u)
}

func mustOpen(t *testing.T, c storage.Config, rawURL string) checkpoint.Store {
	t.Helper()
	s, err := open(t.Context(), c, rawURL)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestConformance(t *testing.T) {
	for _, location := range []string{"gcp-storage://plant", "gcp-storage://plant/dt/checkpoints/"} {
		t.Run(location, func(t *testing.T) {
			checkpointtest.Run(t, func(t *testing.T) checkpointtest.Options {
				c := storage.Config{Emulator: newFake(t).URL(), Client: &http.Client{}}
				return checkpointtest.Options{Open: func(t *testing.T) checkpoint.Store { return mustOpen(t, c, location) }}
			})
		})
	}
}

func TestObject(t *testing.T) {
	fake := newFake(t)
	s := mustOpen(t, storage.Config{Emulator: strings.TrimPrefix(fake.URL(), "http://"), Client: &http.Client{}}, "gcp-storage://plant/dt")
	if _, err := s.Save(t.Context(), key, []byte("{}"), ""); err != nil {
		t.Fatal(err)
	}
	object, err := fake.GetObject("plant", "dt/projects.2f.50.2fdataconnectors.2f.43")
	if err != nil || string(object.Content) != "{}" || object.ContentType != "application/octet-stream" {
		t.Errorf("object %q of type %q, error %v", object.Content, object.ContentType, err)
	}
}

// In a condition 0 means that there is no object, but no document has that revision.
func TestRevisionsThatCannotBe(t *testing.T) {
	s := mustOpen(t, storage.Config{Emulator: newFake(t).URL(), Client: &http.Client{}}, "gcp-storage://plant")
	for _, revision := range []string{"0", "-1", "+1", "01", " 1", "1.0", "9223372036854775808", "x"} {
		if _, err := s.Save(t.Context(), key, nil, revision); !errors.Is(err, checkpoint.ErrConflict) {
			t.Errorf("revision %q: error %v, want ErrConflict", revision, err)
		}
	}
}

type fixedToken struct {
	token  secret.Text
	usable error
}

func (f fixedToken) Usable() error                              { return f.usable }
func (f fixedToken) Token(context.Context) (secret.Text, error) { return f.token, nil }

func TestOpen(t *testing.T) {
	never := errors.New("key files are not supported")
	tests := map[string]struct {
		url, emulator string
		usable        error
		wantError     string // "" for none
	}{
		"bucket":            {"gcp-storage://plant-7_a.example.com", "", nil, ""},
		"prefix":            {"gcp-storage://plant/a/b/", "", nil, ""},
		"emulator":          {"gcp-storage://plant", "https://localhost:4443", never, ""},
		"no tokens ever":    {"gcp-storage://plant", "", never, "not supported"},
		"not an emulator":   {"gcp-storage://plant", "ftp://localhost", nil, "STORAGE_EMULATOR_HOST"},
		"no bucket":         {"gcp-storage:///a", "", nil, "names no bucket"},
		"short bucket":      {"gcp-storage://ab", "", nil, "names no bucket"},
		"upper case":        {"gcp-storage://Plant", "", nil, "names no bucket"},
		"dots":              {"gcp-storage://pl..ant", "", nil, "names no bucket"},
		"hyphen at the end": {"gcp-storage://plant-", "", nil, "names no bucket"},
		"dots in prefix":    {"gcp-storage://plant/a/../b", "", nil, "one of dots"},
		"empty part":        {"gcp-storage://plant/a//b", "", nil, "empty part"},
		"strange prefix":    {"gcp-storage://plant/a%20b", "", nil, "prefix"},
		"long prefix":       {"gcp-storage://plant/" + strings.Repeat("a", 513), "", nil, "prefix"},
		"query":             {"gcp-storage://plant?x=hunter2", "", nil, "more than a bucket"},
		"password":          {"gcp-storage://u:hunter2@plant", "", nil, "credentials"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := open(t.Context(), storage.Config{Emulator: test.emulator, Tokens: fixedToken{usable: test.usable}, Client: &http.Client{}}, test.url)
			if test.wantError == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.wantError) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("error %v, want one with %q and no secret", err, test.wantError)
			}
		})
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func answering(count *atomic.Int64, status int, contentType, generation, body string) storage.Config {
	return storage.Config{Tokens: fixedToken{token: secret.New(marked)}, Client: &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		count.Add(1)
		return &http.Response{
			StatusCode: status, Request: r, Body: io.NopCloser(strings.NewReader(body)),
			Header: http.Header{"Content-Type": {contentType}, "X-Goog-Generation": {generation}},
		}, nil
	})}}
}

const (
	plain = "text/plain; charset=utf-8"
	jsonT = "application/json"
)

// The service's answers in words, which the fake does not give.
func TestAnswers(t *testing.T) {
	const missingBucket = `{"error":{"code":404,"message":"The specified bucket does not exist.","errors":[{"reason":"notFound"}]}}`
	const echo = `{"error":{"code":403,"message":"no access for ` + marked + `","errors":[{"reason":"forbidden"}]}}`
	tests := map[string]struct {
		status             int
		contentType, body  string
		generation         string
		load, save         string // in the error; "" for none
		loads, saves       bool   // whether a fault is sent again
		isDamaged          bool
		wantConflictOnSave bool
	}{
		"missing object":         {status: 404, contentType: plain, body: "No such object: plant/x", save: "make the bucket"},
		"missing bucket":         {status: 404, contentType: jsonT, body: missingBucket, load: "make the bucket", save: "make the bucket"},
		"missing bucket, plain":  {status: 404, contentType: plain, body: "The specified bucket does not exist.", load: "make the bucket", save: "make the bucket"},
		"permission refused":     {status: 403, contentType: jsonT, body: echo, load: "roles/storage.objectUser", save: "403 forbidden"},
		"precondition":           {status: 412, contentType: jsonT, load: "412", save: "412", wantConflictOnSave: true},
		"overloaded":             {status: 503, load: "503", save: "503", loads: true},
		"too many":               {status: 429, load: "429", save: "429", loads: true, saves: true},
		"no generation":          {status: 200, body: `{}`, load: "no generation", save: "no generation"},
		"generation 0":           {status: 200, body: `{"generation":"0"}`, generation: "0", load: "no generation", save: "no generation"},
		"more than a checkpoint": {status: 200, body: strings.Repeat("x", checkpoint.MaxSize+1), generation: "1", load: "delete it", save: "no generation", isDamaged: true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var count atomic.Int64
				s := mustOpen(t, answering(&count, test.status, test.contentType, test.generation, test.body), "gcp-storage://plant")
				check := func(what string, err error, want string, again bool) {
					t.Helper()
					if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
						t.Errorf("%s: error %v, want %q", what, err, want)
					}
					if err != nil {
						secrettest.CheckHidden(t, what, err.Error(), marked)
					}
					if n := count.Swap(0); (n > 1) != again {
						t.Errorf("%s: %d requests", what, n)
					}
				}
				_, err := s.Load(t.Context(), key)
				check("load", err, test.load, test.loads)
				if errors.Is(err, checkpoint.ErrDamaged) != test.isDamaged {
					t.Errorf("load: error %v", err)
				}
				_, err = s.Save(t.Context(), key, []byte("x"), "5")
				check("save", err, test.save, test.saves)
				if errors.Is(err, checkpoint.ErrConflict) != test.wantConflictOnSave {
					t.Errorf("save: error %v", err)
				}
			})
		})
	}
}

// A save whose answer is lost is an error, is not sent again, and no conflict; what is
// there is the old document or the new one.
func TestTornSave(t *testing.T) {
	fake := newFake(t)
	lose, requests := true, 0
	c := storage.Config{Emulator: fake.URL(), Client: &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		requests++
		answer, err := http.DefaultTransport.RoundTrip(r)
		if err != nil || !lose {
			return answer, err
		}
		return nil, errors.Join(io.ErrUnexpectedEOF, answer.Body.Close())
	})}}
	s := mustOpen(t, c, "gcp-storage://plant")
	_, err := s.Save(t.Context(), key, []byte("new"), "")
	if err == nil || errors.Is(err, checkpoint.ErrConflict) || requests != 1 {
		t.Errorf("error %v after %d requests", err, requests)
	}
	lose = false
	d, err := s.Load(t.Context(), key)
	if err != nil || string(d.Data) != "new" {
		t.Fatalf("loaded %q, error %v", d.Data, err)
	}
	if _, err := s.Save(t.Context(), key, []byte("newer"), d.Revision); err != nil {
		t.Error(err)
	}
}

// The requests are those of the JSON API.
func TestRequests(t *testing.T) {
	var got []string
	c := storage.Config{Tokens: fixedToken{token: secret.New(marked)}, Client: &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		got = append(got, r.Method+" "+r.URL.String()+" "+r.Header.Get("Authorization"))
		return &http.Response{
			StatusCode: 200, Request: r, Header: http.Header{"X-Goog-Generation": {"7"}},
			Body: io.NopCloser(strings.NewReader(`{"generation":"8"}`)),
		}, nil
	})}}
	s := mustOpen(t, c, "gcp-storage://plant/a/b")
	if d, err := s.Load(t.Context(), key); err != nil || d.Revision != "7" {
		t.Errorf("loaded revision %q, error %v", d.Revision, err)
	}
	for _, revision := range []string{"", "7"} {
		if next, err := s.Save(t.Context(), key, nil, revision); err != nil || next != "8" {
			t.Errorf("saved as %q, error %v", next, err)
		}
	}
	const upload = "POST https://storage.googleapis.com/upload/storage/v1/b/plant/o?ifGenerationMatch="
	const name = "&name=a%2Fb%2Fprojects.2f.50.2fdataconnectors.2f.43&uploadType=media Bearer " + marked
	want := []string{
		"GET https://storage.googleapis.com/storage/v1/b/plant/o/a%2Fb%2Fprojects.2f.50.2fdataconnectors.2f.43?alt=media Bearer " + marked,
		upload + "0" + name, upload + "7" + name,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("requests\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
