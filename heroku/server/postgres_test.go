//go:build platforms

package main_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/dt-functions/dt-functions/heroku/postgres/postgrestest"
	"github.com/dt-functions/dt-functions/shared/secret/secrettest"
)

func startPostgres(t *testing.T) (c *postgrestest.Cluster, databaseURL string) {
	t.Helper()
	c, err := postgrestest.Start(t.Context())
	must(t, err)
	t.Cleanup(func() { must(t, c.Close()) })
	databaseURL, err = c.NewDatabase(t.Context(), "events")
	must(t, err)
	return c, databaseURL
}

// The server starts without its database, says so, asks DT to come again, and is
// ready once the database is.
func TestPostgresComesAndGoes(t *testing.T) {
	c, database := startPostgres(t)
	must(t, c.Stop())
	p := start(t, "DT_SINK=postgres:", "DATABASE_URL="+database, "METRICS_PORT=0")
	s := newSender(t)
	check := func(ready int, post int, outcome string) {
		t.Helper()
		awaitStatus(t, p.address, "/readyz", ready)
		if status, body, err := s.post(p.address, "e1"); err != nil || status != post || !strings.Contains(body, outcome) {
			t.Errorf("post: %d %s, %v; want %d %s", status, body, err, post, outcome)
		}
		if status, _ := get(t, p.address, "/healthz"); status != 200 {
			t.Errorf("healthz %d", status)
		}
		want := float64(0)
		if ready == 200 {
			want = 1
		}
		if got := scrape(t, p)["dtfn_ready"].Metric[0].Gauge.GetValue(); got != want {
			t.Errorf("dtfn_ready %v, want %v", got, want)
		}
	}
	check(503, 503, `"outcome":"retry","reason":"sink"`)
	must(t, c.Restart(t.Context()))
	check(200, 200, `"outcome":"accepted"`)
	must(t, c.Kill())
	check(503, 503, `"outcome":"retry"`)
	must(t, c.Restart(t.Context()))
	check(200, 200, `"outcome":"duplicate"`)
	if code := p.stop(t); code != 0 {
		t.Errorf("exit code %d", code)
	}
	for _, secret := range []string{c.Password(), secretText} {
		secrettest.CheckHidden(t, "the log", p.text(), secret)
	}
}

// 10,000 events; the database is killed and started again after a third of them, and
// the server after two thirds. Every event that was accepted is there, none twice,
// and in the end all are.
func TestNothingIsLostOrRepeated(t *testing.T) {
	const events = 10_000
	c, database := startPostgres(t)
	port := freePort(t)
	env := []string{"DT_SINK=postgres:", "DATABASE_URL=" + database, "PORT=" + port}
	p := startOn(t, port, env)
	var accepted, duplicates, retried atomic.Int64
	acknowledged := make([]bool, events) // each by one sender
	var next atomic.Int64
	var senders sync.WaitGroup
	begin := time.Now()
	for range 64 {
		senders.Go(func() {
			s := newSender(t)
			defer s.client.CloseIdleConnections()
			for i := next.Add(1) - 1; i < events && t.Context().Err() == nil; i = next.Add(1) - 1 {
				for !acknowledged[i] && t.Context().Err() == nil {
					status, body, err := s.post("127.0.0.1:"+port, fmt.Sprintf("e%05d", i))
					switch {
					case err == nil && status == 200:
						acknowledged[i] = true
						if accepted.Add(1); strings.Contains(body, "duplicate") {
							duplicates.Add(1)
						}
					case err == nil && status != 503:
						t.Errorf("answered with %d %s", status, body)
						return
					default:
						retried.Add(1)
						<-time.After(10 * time.Millisecond) // DT waits longer
					}
				}
			}
		})
	}
	reach := func(n int64) {
		for accepted.Load() < n && t.Context().Err() == nil {
			<-time.After(time.Millisecond)
		}
	}
	reach(events / 3)
	must(t, c.Kill())
	before := accepted.Load()
	must(t, c.Restart(t.Context()))
	reach(2 * events / 3)
	p.kill()
	startOn(t, port, env)
	senders.Wait()
	took := time.Since(begin)

	conn, err := pgx.Connect(t.Context(), database)
	must(t, err)
	defer conn.Close(context.Background())
	rows, err := conn.Query(t.Context(), "SELECT id FROM dt_events")
	must(t, err)
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	must(t, err)
	stored := make(map[string]int)
	for _, id := range ids {
		stored[id]++
	}
	lost, repeated := 0, 0
	for i, yes := range acknowledged {
		switch n := stored[fmt.Sprintf("e%05d", i)]; {
		case yes && n == 0:
			lost++
		case n > 1:
			repeated++
		}
	}
	if lost > 0 || repeated > 0 || len(stored) != events || before >= events {
		t.Errorf("lost %d, repeated %d, stored %d", lost, repeated, len(stored))
	}
	fmt.Printf("sent %d, accepted %d (%d of them as duplicates), sent again %d times, stored %d, lost %d, repeated %d, in %v\n",
		events, accepted.Load(), duplicates.Load(), retried.Load(), len(stored), lost, repeated, took.Round(time.Millisecond))
}

func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", ":0")
	must(t, err)
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	must(t, err)
	return port
}

// startOn starts the server on a port that others send to meanwhile.
func startOn(t *testing.T, port string, env []string) *process {
	t.Helper()
	p := start(t, env...)
	if !strings.HasSuffix(p.address, ":"+port) {
		t.Fatalf("listens on %s, want port %s", p.address, port)
	}
	return p
}

// Of two servers one runs the schedule. When it is killed, the other does.
func TestOneServerRunsTheSchedule(t *testing.T) {
	c, database := startPostgres(t)
	env := append([]string{"DT_SINK=postgres:", "DATABASE_URL=" + database, "METRICS_PORT=0", "DT_SCHEDULE=sync=@yearly"}, api("http://127.0.0.1:1")...)
	servers := []*process{start(t, env...), start(t, env...)}
	leads := func(p *process) bool { return scrape(t, p)["dtfn_schedule_leader"].Metric[0].Gauge.GetValue() == 1 }
	for !leads(servers[0]) && !leads(servers[1]) {
		<-time.After(10 * time.Millisecond)
	}
	if leads(servers[0]) && leads(servers[1]) {
		t.Fatal("both run it")
	}
	leader, other := servers[0], servers[1]
	if leads(other) {
		leader, other = other, leader
	}
	leader.kill()
	for !leads(other) {
		<-time.After(100 * time.Millisecond)
	}
	// Without the database nobody leads.
	must(t, c.Kill())
	for leads(other) {
		<-time.After(100 * time.Millisecond)
	}
	must(t, c.Restart(t.Context()))
	if code := other.stop(t); code != 0 {
		t.Errorf("exit code %d\n%s", code, other.text())
	}
}

func api(url string) []string {
	return []string{
		"DT_API_URL=" + url, "DT_TOKEN_URL=" + url + "/token", "DT_CONNECTORS=projects/p1/dataconnectors/c1",
		"DT_SERVICE_ACCOUNT_KEY_ID=key1", "DT_SERVICE_ACCOUNT_SECRET=service-s3cr3t-MARK-account",
	}
}

// A platform's own scheduler starts the server with a function's name: it runs that
// once, prints the report and ends.
func TestRunsAFunctionOnce(t *testing.T) {
	var synced atomic.Int64
	dt := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && r.URL.Path == "/projects/p1/dataconnectors/c1:sync" {
			synced.Add(1)
		}
		fmt.Fprint(w, "{}")
	}))
	defer dt.Close()
	cmd := command(t, []string{"sync"}, api(dt.URL)...)
	cmd.Stderr = os.Stderr
	report, err := cmd.Output()
	if err != nil || synced.Load() != 1 || !strings.Contains(string(report), "projects/p1/dataconnectors/c1") {
		t.Errorf("%d times, report %s, %v", synced.Load(), report, err)
	}
}
