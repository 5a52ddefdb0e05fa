package recover_test

import (
	"context"
	"fmt"
	"io"
	"math"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dt-functions/dt-functions/functions/recover"
	"github.com/dt-functions/dt-functions/shared/dtapi"
	"github.com/dt-functions/dt-functions/shared/handling"
	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/sink"
)

const (
	project = "projects/p1"
	name    = dtapi.ConnectorName(project + "/dataconnectors/c1")
)

// slowCloud answers as DT does, in memory and after a while: devices with pages of
// events that never end before the last one.
type slowCloud struct {
	devices, pages int
	latency        time.Duration
	requests       atomic.Int64
}

func (c *slowCloud) RoundTrip(r *http.Request) (*http.Response, error) {
	<-time.After(c.latency)
	c.requests.Add(1)
	return &http.Response{
		StatusCode: 200, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(c.answer(r))),
	}, nil
}

func (c *slowCloud) answer(r *http.Request) string {
	switch path := r.URL.Path; {
	case strings.HasSuffix(path, "/devices"):
		devices := make([]string, c.devices)
		for i := range devices {
			devices[i] = fmt.Sprintf(`{"name":"%s/devices/d%03d","type":"touch","labels":{}}`, project, i)
		}
		return `{"devices":[` + strings.Join(devices, ",") + `],"nextPageToken":""}`
	case strings.HasSuffix(path, "/events"):
		page := 0
		fmt.Sscan(r.URL.Query().Get("pageToken")+r.URL.Query().Get("page_token"), &page)
		device := strings.TrimSuffix(strings.TrimPrefix(path, "/v2/"), "/events")
		at := time.Now().Add(-time.Duration(page) * time.Minute).UTC().Format(time.RFC3339Nano)
		next := ""
		if page+1 < c.pages {
			next = fmt.Sprint(page + 1)
		}
		return fmt.Sprintf(`{"events":[{"eventId":"%s-%d","targetName":"%s","eventType":"touch","data":{"touch":{}},"timestamp":%q}],"nextPageToken":%q}`,
			device, page, device, at, next)
	default:
		return fmt.Sprintf(`{"name":%q,"type":"HTTP_PUSH","status":"ACTIVE","events":[],"labels":[],"httpConfig":{"url":"https://r.example/"}}`, name)
	}
}

// slowSink takes events after a while.
type slowSink struct {
	latency   time.Duration
	published atomic.Int64
}

func (s *slowSink) Publish(_ context.Context, m []sink.Message) (sink.Result, error) {
	<-time.After(s.latency)
	s.published.Add(int64(len(m)))
	return sink.Result{}, nil
}

func (*slowSink) Close() error { return nil }

// Requests are what DT limits. Recover makes at least 95 % of those that it is
// allowed, however long the answers and the sink take. The time is a simulated one.
func TestRunUsesTheRateLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := &slowCloud{devices: 40, pages: 20, latency: 700 * time.Millisecond}
		to := &slowSink{latency: 500 * time.Millisecond}
		client, err := dtapi.New(dtapi.Config{
			Credentials: dtapi.Credentials{KeyID: "k", Secret: secret.New("a-secret-of-some-length")},
			Client:      &http.Client{Transport: cloud},
		})
		if err != nil {
			t.Fatal(err)
		}
		now := time.Now()
		f, err := recover.New(recover.Config{
			Client: client, Connectors: []dtapi.ConnectorName{name}, Handler: handling.Handler{Sink: to},
			Window: &recover.Window{Since: now.Add(-24 * time.Hour), Until: now},
		})
		if err != nil {
			t.Fatal(err)
		}
		report, err := f.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		took := time.Since(now)
		if n := int64(cloud.devices * cloud.pages); to.published.Load() != n || report.Connectors[0].Gaps[0].Events != int(n) {
			t.Errorf("published %d of %d; report %+v", to.published.Load(), n, report)
		}
		requests := float64(cloud.requests.Load())
		allowed := time.Duration((requests - dtapi.DefaultBurst) / dtapi.DefaultRate * float64(time.Second))
		share := math.Round(1000*allowed.Seconds()/took.Seconds()) / 10
		t.Logf("%.0f requests in %v: %v %% of what the limit allows", requests, took, share)
		if share < 95 {
			t.Errorf("%.0f requests took %v, %v are enough", requests, took, allowed)
		}
	})
}
