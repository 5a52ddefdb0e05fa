package sink_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/dt-functions/dt-functions/shared/signature"
	"github.com/dt-functions/dt-functions/shared/sink"
	"github.com/dt-functions/dt-functions/shared/sink/sinktest"
)

func TestStdoutConforms(t *testing.T) {
	sinktest.Run(t, sinktest.Harness{New: func(*testing.T) sinktest.Backend {
		var out syncBuffer
		drivers := sink.Portable{Stdout: &out}.Drivers()
		return sinktest.Backend{
			Open:   func(ctx context.Context) (sink.Sink, error) { return drivers.Open(ctx, []string{"stdout:"}) },
			Stored: func(context.Context) ([]sink.Message, error) { return parseLines(out.Bytes()) },
		}
	}})
}

func TestFileConforms(t *testing.T) {
	sinktest.Run(t, sinktest.Harness{New: func(t *testing.T) sinktest.Backend {
		path := filepath.Join(t.TempDir(), "events.ndjson")
		return sinktest.Backend{
			Open: func(ctx context.Context) (sink.Sink, error) {
				return sink.Portable{}.Drivers().Open(ctx, []string{fileURL(path)})
			},
			Stored: func(context.Context) ([]sink.Message, error) { return readLines(path) },
		}
	}})
}

func TestForwardConforms(t *testing.T) {
	sinktest.Run(t, sinktest.Harness{New: func(t *testing.T) sinktest.Backend {
		r := newReceiver(t)
		return sinktest.Backend{Open: r.open, Stored: r.stored}
	}})
}

func TestFanOutConforms(t *testing.T) {
	sinktest.Run(t, sinktest.Harness{New: func(t *testing.T) sinktest.Backend {
		r := newReceiver(t)
		path := filepath.Join(t.TempDir(), "events.ndjson")
		return sinktest.Backend{
			Open: func(ctx context.Context) (sink.Sink, error) {
				return r.drivers().Open(ctx, []string{fileURL(path), r.url})
			},
			// What both have; where publishing failed one may have more.
			Stored: func(ctx context.Context) ([]sink.Message, error) {
				inFile, err := readLines(path)
				if err != nil {
					return nil, err
				}
				forwarded, err := r.stored(ctx)
				if err != nil {
					return nil, err
				}
				received := make(map[string]bool)
				for _, m := range forwarded {
					received[string(m.Data)] = true
				}
				var both []sink.Message
				for _, m := range inFile {
					if received[string(m.Data)] {
						both = append(both, m)
					}
				}
				return both, nil
			},
		}
	}})
}

func fileURL(path string) string {
	path = filepath.ToSlash(path)
	if path[0] != '/' {
		path = "/" + path // a Windows drive
	}
	return (&url.URL{Scheme: "file", Path: path}).String()
}

// parseLines reads what stdout and file sinks wrote, and checks that every line is
// one JSON object.
func parseLines(out []byte) ([]sink.Message, error) {
	var list []sink.Message
	for line := range bytes.Lines(out) {
		body, ok := bytes.CutSuffix(line, []byte("\n"))
		if !ok {
			return nil, fmt.Errorf("no line break after %q", line)
		}
		var wrapped struct {
			Data *[]byte `json:"data_base64"`
		}
		if !json.Valid(body) || body[0] != '{' {
			return nil, fmt.Errorf("not a JSON object: %q", line)
		}
		m := sink.Message{Data: bytes.Clone(body)}
		if bytes.HasPrefix(body, []byte(`{"id":`)) && json.Unmarshal(body, &wrapped) == nil && wrapped.Data != nil {
			m.Data = *wrapped.Data
		}
		list = append(list, m)
	}
	return list, nil
}

func readLines(path string) ([]sink.Message, error) {
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return parseLines(data)
}

// A syncBuffer is a bytes.Buffer that may be read while it is written.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) Bytes() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return bytes.Clone(b.buf.Bytes())
}

const forwardSecret = "forward-secret"

// A receiver is the other end of an https:// sink: it keeps what proves authentic.
type receiver struct {
	url      string
	client   *http.Client
	signer   *signature.Signer
	verifier *signature.Verifier

	mu   sync.Mutex
	kept []sink.Message
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	verifier, err := signature.NewVerifier(signature.Config{Secrets: signature.StaticSecrets(forwardSecret)})
	if err != nil {
		t.Fatal(err)
	}
	r := &receiver{signer: newSigner(t), verifier: verifier}
	server := httptest.NewTLSServer(r)
	t.Cleanup(server.Close)
	r.url, r.client = server.URL+"/events", server.Client()
	return r
}

func newSigner(t *testing.T) *signature.Signer {
	t.Helper()
	signer, err := signature.NewSigner([]byte(forwardSecret))
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if _, err := r.verifier.Verify(req.Context(), req.Header, body); err != nil {
		http.Error(w, err.Error(), http.StatusUnauthorized)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.kept = append(r.kept, sink.Message{Data: body})
}

func (r *receiver) drivers() sink.Drivers {
	return sink.Portable{Client: r.client, Signer: r.signer}.Drivers()
}

func (r *receiver) open(ctx context.Context) (sink.Sink, error) {
	return r.drivers().Open(ctx, []string{r.url})
}

func (r *receiver) stored(context.Context) ([]sink.Message, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]sink.Message(nil), r.kept...), nil
}
