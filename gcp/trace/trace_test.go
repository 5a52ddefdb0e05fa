package trace_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/gcp/trace"
)

func TestTrace(t *testing.T) {
	const id = "0af7651916cd43dd8448eb211c80319c"
	for _, test := range []struct{ header, value, want string }{
		{"traceparent", "00-" + id + "-b7ad6b7169203331-01", id},
		{"X-Cloud-Trace-Context", id + "/123;o=1", id},
		{"X-Cloud-Trace-Context", "\",\"forged\":\"", ""},
		{"traceparent", "00-short-x-01", ""},
		{"X-Other", "x", ""},
	} {
		var b bytes.Buffer
		log := slog.New(trace.NewHandler(slog.NewJSONHandler(&b, nil), "my-project")).With("a", 1)
		r, err := http.NewRequest("POST", "/", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set(test.header, test.value)
		log.InfoContext(trace.WithRequest(t.Context(), r), "x")
		want := `"logging.googleapis.com/trace":"projects/my-project/traces/` + test.want + `"`
		if got := strings.Contains(b.String(), want); got != (test.want != "") || test.want == "" && strings.Contains(b.String(), "trace") {
			t.Errorf("%s: %s: %s", test.header, test.value, b.String())
		}
	}
	var b bytes.Buffer
	slog.New(trace.NewHandler(slog.NewJSONHandler(&b, nil), "")).InfoContext(context.Background(), "x")
	if strings.Contains(b.String(), "trace") {
		t.Errorf("without a project: %s", b.String())
	}
}
