package s3_test

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/shared/checkpoint/s3"
	"github.com/dt-functions/dt-functions/shared/secret"
)

// A fake is S3 as far as checkpoints need it, conditional writes included.
type fake struct {
	*httptest.Server

	mu       sync.Mutex
	objects  map[string][]byte
	requests []*http.Request
	// scope is whose key requests are signed with, when, and where.
	scope string
	// fault is asked before each request; it returns how that goes wrong.
	fault func(n int, r *http.Request) fault
}

type fault int

const (
	none        fault = iota
	refuse            // 403
	slowDown          // 503, not done
	tearBefore        // connection closed, not done
	tearAfter         // done, but the answer is lost
	conflict          // 409, not done
	withoutETag       // done, without an ETag
	endless           // an answer without end
	foreign           // an object of somebody else
	overtaken         // another run saves, and the connection is closed
)

func newFake(t *testing.T) *fake {
	t.Helper()
	f := &fake{objects: make(map[string][]byte), scope: "key/20260301/eu-west-1"}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
}

func tag(object []byte) string {
	sum := md5.Sum(object)
	return `"` + hex.EncodeToString(sum[:]) + `"`
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.requests = append(f.requests, r)
	how := none
	if f.fault != nil {
		how = f.fault(len(f.requests), r)
	}
	fail := func(status int, code string) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "<Error><Code>"+code+"</Code><Message>told\nwhy</Message></Error>")
	}
	switch how {
	case refuse:
		fail(http.StatusForbidden, "AccessDenied")
		return
	case slowDown:
		fail(http.StatusServiceUnavailable, "SlowDown")
		return
	case conflict:
		fail(http.StatusConflict, "ConditionalRequestConflict")
		return
	case tearBefore:
		panic(http.ErrAbortHandler)
	case overtaken:
		f.objects[r.URL.Path] = []byte("0123456789abcdef0123456789abcdef\nother")
		panic(http.ErrAbortHandler)
	case endless:
		w.Header().Set("Etag", `"1"`)
		_, _ = w.Write(make([]byte, 1<<20))
		return
	case foreign:
		w.Header().Set("Etag", `"1"`)
		_, _ = io.WriteString(w, "hello")
		return
	}
	object, ok := f.objects[r.URL.Path]
	match := r.Header.Get("If-Match")
	switch {
	case !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential="+f.scope+"/s3/aws4_request"):
		fail(http.StatusForbidden, "SignatureDoesNotMatch")
	case !ok && (r.Method == http.MethodGet || match != ""):
		fail(http.StatusNotFound, "NoSuchKey")
	case match != "" && match != tag(object), ok && r.Header.Get("If-None-Match") == "*":
		fail(http.StatusPreconditionFailed, "PreconditionFailed")
	case r.Method == http.MethodGet:
		w.Header().Set("Etag", tag(object))
		_, _ = w.Write(object)
	default:
		f.objects[r.URL.Path] = body
		if how == tearAfter {
			panic(http.ErrAbortHandler)
		}
		if how != withoutETag {
			w.Header().Set("Etag", tag(body))
		}
	}
}

func (f *fake) config() s3.Config {
	return s3.Config{
		Endpoint: f.URL, Region: "eu-west-1", Bucket: "bucket", Prefix: "dt/recover", PathStyle: true,
		Credentials: func(context.Context) (s3.Credentials, error) {
			return s3.Credentials{AccessKeyID: "key", SecretAccessKey: secret.New("the-secret-key"), SessionToken: secret.New("the-token")}, nil
		},
		Now:   func() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) },
		Pause: func(int) time.Duration { return 0 },
	}
}

func open(t *testing.T, c s3.Config) *s3.Store {
	t.Helper()
	s, err := s3.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
