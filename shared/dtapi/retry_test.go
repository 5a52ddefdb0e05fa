package dtapi_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dt-functions/dt-functions/shared/dtapi"
)

var (
	errReset = &net.OpError{Op: "read", Err: errors.New("connection reset by peer")}
	errDial  = &net.OpError{Op: "dial", Err: errors.New("connection refused")}
)

// A deed is one call of the API that a test makes.
type deed struct {
	name string
	do   func(ctx context.Context, c *dtapi.Client) error
	safe bool // to repeat after a failure that leaves open whether it was done
}

func deeds() []deed {
	wanted := dtapi.Connector{Type: dtapi.TypeHTTPPush, HTTP: &dtapi.HTTPConfig{URL: "https://customer.example/events"}}
	name := "new"
	return []deed{
		{"get", func(ctx context.Context, c *dtapi.Client) error { _, err := c.Connector(ctx, connector); return err }, true},
		{"create", func(ctx context.Context, c *dtapi.Client) error {
			_, err := c.CreateConnector(ctx, project, wanted)
			return err
		}, false},
		{"update", func(ctx context.Context, c *dtapi.Client) error {
			_, err := c.UpdateConnector(ctx, connector, dtapi.Change{DisplayName: &name})
			return err
		}, true},
		{"delete", func(ctx context.Context, c *dtapi.Client) error { return c.DeleteConnector(ctx, connector) }, true},
		{"sync", func(ctx context.Context, c *dtapi.Client) error { return c.SyncConnector(ctx, connector) }, true},
		{"labels", func(ctx context.Context, c *dtapi.Client) error {
			return c.SetLabels(ctx, dtapi.LabelChange{Devices: []dtapi.DeviceName{device}, Remove: []string{"x"}})
		}, true},
	}
}

const namedAnswer = `{"name":"projects/p/dataconnectors/c"}`

// What fails is repeated where that is safe, and only then; a failure that goes away
// does not reach the caller.
func TestWhatIsRepeated(t *testing.T) {
	for _, fault := range []struct {
		name           string
		fail           func() (*http.Response, error)
		repeated, sent bool // whether it is repeated at all, and whether it may have been done
		is             error
	}{
		{"429", func() (*http.Response, error) { return failing(429, "Retry-After", "1") }, true, false, dtapi.ErrRateLimited},
		{"429 without Retry-After", func() (*http.Response, error) { return failing(429) }, true, false, dtapi.ErrRateLimited},
		{"500", func() (*http.Response, error) { return failing(500) }, true, true, dtapi.ErrUnavailable},
		{"502", func() (*http.Response, error) { return failing(502) }, true, true, dtapi.ErrUnavailable},
		{"503", func() (*http.Response, error) { return failing(503) }, true, true, dtapi.ErrUnavailable},
		{"504", func() (*http.Response, error) { return failing(504) }, true, true, dtapi.ErrUnavailable},
		{"reset", func() (*http.Response, error) { return nil, errReset }, true, true, dtapi.ErrUnavailable},
		{"never connected", func() (*http.Response, error) { return nil, errDial }, true, false, dtapi.ErrUnavailable},
		{"torn", torn, true, true, dtapi.ErrUnavailable},
		{"no such host", func() (*http.Response, error) { return nil, &net.DNSError{Err: "no such host", IsNotFound: true} }, false, false, dtapi.ErrUnavailable},
		{"501", func() (*http.Response, error) { return failing(501) }, false, true, dtapi.ErrUnavailable},
		{"400", func() (*http.Response, error) { return failing(400) }, false, false, dtapi.ErrInvalid},
		{"401", func() (*http.Response, error) { return failing(401) }, false, false, dtapi.ErrUnauthenticated},
		{"403", func() (*http.Response, error) { return failing(403) }, false, false, dtapi.ErrForbidden},
		{"404", func() (*http.Response, error) { return failing(404) }, false, false, dtapi.ErrNotFound},
		{"409", func() (*http.Response, error) { return failing(409) }, false, false, dtapi.ErrConflict},
		{"418", func() (*http.Response, error) { return failing(418) }, false, false, nil},
	} {
		for _, d := range deeds() {
			t.Run(fault.name+"/"+d.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := &world{api: func(n int, _ handled) (*http.Response, error) {
						if n < 3 {
							return fault.fail()
						}
						return ok(namedAnswer)
					}}
					err := d.do(within(t), w.client(t))
					want := 1
					if fault.repeated && (d.safe || !fault.sent) {
						want = 4
					}
					if got := len(w.seen()); got != want {
						t.Errorf("%d requests, want %d", got, want)
					}
					if want == 4 && err != nil {
						t.Errorf("got %v", err)
					}
					if want == 1 && (err == nil || fault.is != nil && !errors.Is(err, fault.is)) {
						t.Errorf("got %v, want %v", err, fault.is)
					}
					if want == 1 && fault.repeated && !strings.Contains(err.Error(), "whether it was done is not known") {
						t.Errorf("%v does not say that it may have been done", err)
					}
				})
			})
		}
	}
}

// torn is an answer whose connection is lost half-way.
func torn() (*http.Response, error) {
	response, _ := ok("")
	response.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"name":`), errReader{}))
	response.ContentLength = -1
	return response, nil
}

type errReader struct{}

func (errReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// The pauses grow from 1 to 30 s, spread by half to both sides, never under 1 s, and
// are at least 10 s after 504.
func TestPauses(t *testing.T) {
	for _, test := range []struct {
		status int
		rand   float64
		want   []float64 // seconds
	}{
		{503, 0.5, []float64{1, 2, 4, 8, 16, 30, 30}},
		{503, 0, []float64{1, 1, 2, 4, 8, 15, 15}},
		{503, 0.999, []float64{1.499, 2.998, 5.996, 11.992, 23.984, 44.97, 44.97}},
		{504, 0.5, []float64{10.5, 10.5, 10.5, 10.5, 16, 30, 30}},
		{504, 0, []float64{10, 10, 10, 10, 10, 15, 15}},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := &world{api: func(int, handled) (*http.Response, error) { return failing(test.status) }}
			var waits []time.Duration
			c := w.client(t, func(c *dtapi.Config) {
				c.Rand = func() float64 { return test.rand }
				c.Observe = func(call dtapi.Call) { waits = append(waits, call.Wait) }
			})
			_, err := c.Connector(t.Context(), connector)
			if !errors.Is(err, dtapi.ErrUnavailable) {
				t.Errorf("got %v", err)
			}
			if len(waits) != dtapi.DefaultAttempts || waits[0] != 0 {
				t.Fatalf("%d requests after %v, want %d", len(waits), waits, dtapi.DefaultAttempts)
			}
			for i, want := range test.want {
				if got := waits[i+1].Seconds(); got < want-0.001 || got > want+0.001 {
					t.Errorf("status %d, spread %v: pause %d is %v s, want %v", test.status, test.rand, i+1, got, want)
				}
			}
		})
	}
}

func TestRetryAfter(t *testing.T) {
	const date = "Sat, 01 Jan 2000 00:00:00 GMT" // when time begins in a bubble
	for _, test := range []struct {
		status   int
		header   []string
		min, max time.Duration
	}{
		{429, []string{"Retry-After", "4"}, 4 * time.Second, 5 * time.Second},
		{429, []string{"Retry-After", "0"}, time.Second, 2 * time.Second},
		{429, []string{"Retry-After", "-3"}, time.Second, 2 * time.Second},
		{429, []string{"Retry-After", "soon"}, time.Second, 2 * time.Second},
		{429, []string{"Retry-After", "NaN"}, time.Second, 2 * time.Second},
		{429, []string{"Retry-After", "1e300"}, 2 * time.Minute, 135 * time.Second},
		{429, []string{"Retry-After", "86400"}, 2 * time.Minute, 135 * time.Second},
		{503, []string{"Retry-After", "7"}, 7 * time.Second, 8 * time.Second},
		{504, []string{"Retry-After", "2"}, 10 * time.Second, 12 * time.Second},
		// A date by this machine's clock.
		{429, []string{"Retry-After", "Sat, 01 Jan 2000 00:00:09 GMT"}, 9 * time.Second, 10 * time.Second},
		{429, []string{"Retry-After", "Fri, 31 Dec 1999 00:00:09 GMT"}, time.Second, 2 * time.Second},
		// A date by DT's clock, which is two hours ahead.
		{429, []string{"Date", "Sat, 01 Jan 2000 02:00:00 GMT", "Retry-After", "Sat, 01 Jan 2000 02:00:06 GMT"}, 6 * time.Second, 7 * time.Second},
		{429, []string{"Date", date, "Retry-After", "Sun, 02 Jan 2000 00:00:00 GMT"}, 2 * time.Minute, 135 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := &world{api: func(n int, _ handled) (*http.Response, error) {
				if n == 0 {
					return failing(test.status, test.header...)
				}
				return ok(namedAnswer)
			}}
			start := time.Now()
			if _, err := w.client(t).Connector(t.Context(), connector); err != nil {
				t.Error(err)
			}
			if took := time.Since(start); took < test.min || took > test.max {
				t.Errorf("%d, %v: waited %v, want %v to %v", test.status, test.header, took, test.min, test.max)
			}
		})
	}
}

// A connector that is gone when a DELETE is repeated was deleted by the first; one
// that was never there is an error.
func TestDeleteInDoubt(t *testing.T) {
	for _, test := range []struct {
		name  string
		first func() (*http.Response, error)
		want  error
	}{
		{"lost on the way back", func() (*http.Response, error) { return nil, errReset }, nil},
		{"failed, who knows where", func() (*http.Response, error) { return failing(503) }, nil},
		{"refused before it was done", func() (*http.Response, error) { return failing(429) }, dtapi.ErrNotFound},
		{"not there", func() (*http.Response, error) { return failing(404) }, dtapi.ErrNotFound},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := &world{api: func(n int, _ handled) (*http.Response, error) {
				if n == 0 {
					return test.first()
				}
				return failing(404)
			}}
			if err := w.client(t).DeleteConnector(t.Context(), connector); !errors.Is(err, test.want) {
				t.Errorf("%s: %v, want %v", test.name, err, test.want)
			}
		})
	}
}
