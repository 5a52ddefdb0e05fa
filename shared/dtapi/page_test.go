package dtapi_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/shared/dtapi"
)

func TestPaging(t *testing.T) {
	w := &world{api: func(n int, _ handled) (*http.Response, error) {
		return ok([]string{
			`{"dataConnectors":[{"name":"projects/p/dataconnectors/a"},{"name":"projects/p/dataconnectors/b"}],"nextPageToken":"2 &/+é"}`,
			`{"dataConnectors":[],"nextPageToken":"3"}`,
			`{"nextPageToken":"4"}`,
			`{"dataConnectors":[{"name":"projects/p/dataconnectors/c"}]}`,
		}[n])
	}}
	list := w.client(t).Connectors(t.Context(), project)
	var ids string
	for c, err := range list {
		if err != nil {
			t.Fatal(err)
		}
		ids += c.Name.ID()
	}
	if ids != "abc" {
		t.Errorf("listed %q", ids)
	}
	for i, want := range []string{"", "2 &/+é", "3", "4"} {
		if got := strings.Join(w.seen()[i].Query["page_token"], ","); got != want {
			t.Errorf("page %d asked for with token %q, want %q", i, got, want)
		}
		if got := w.seen()[i].Query["page_size"]; len(got) != 1 || got[0] != "100" {
			t.Errorf("page %d asked for with size %q", i, got)
		}
	}
	// Stopping early asks for no more; a sequence begins anew each time.
	w.answer(func(int, handled) (*http.Response, error) {
		return ok(`{"dataConnectors":[{"name":"projects/p/dataconnectors/a"}],"nextPageToken":"2"}`)
	})
	for range list {
		break
	}
	if seen := w.seen(); len(seen) != 5 || len(seen[4].Query["page_token"]) != 0 {
		t.Errorf("%d requests, want 5, the last for the first page", len(seen))
	}
}

// Pages that go round in a circle end, whatever the circle's length.
func TestPagesInACircle(t *testing.T) {
	for _, test := range []struct{ before, circle int }{{0, 1}, {0, 2}, {3, 1}, {1, 5}, {10, 7}, {0, 100}} {
		w := &world{api: func(n int, _ handled) (*http.Response, error) {
			if n >= test.before {
				n = test.before + (n-test.before)%test.circle
			}
			return ok(fmt.Sprintf(`{"dataConnectors":[{"name":"projects/p/dataconnectors/c"}],"nextPageToken":"t%d"}`, n))
		}}
		var last error
		for _, err := range w.client(t).Connectors(t.Context(), project) {
			last = err
		}
		if !errors.Is(last, dtapi.ErrMalformed) {
			t.Errorf("%+v: ended with %v", test, last)
		}
		if n, most := len(w.seen()), 4*(test.before+test.circle)+2; n > most {
			t.Errorf("%+v: %d requests, want at most %d", test, n, most)
		}
	}
}
