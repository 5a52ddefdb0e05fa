package dtcloud_test

import (
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/local/dtcloud"
	"github.com/dt-functions/dt-functions/shared/event"
)

// BenchmarkAPIEvents lists pages of 1,000 out of the history of 50 devices with
// 200,000 events; one operation is a page. It also tells what that history takes.
func BenchmarkAPIEvents(b *testing.B) {
	const devices, each = 50, 4000
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	cloud, err := dtcloud.New(dtcloud.Config{
		Clock: dtcloud.NewVirtualClock(start), Seed: 1, APILimit: dtcloud.APILimit{PerSecond: math.Inf(1)},
	})
	if err != nil {
		b.Fatal(err)
	}
	project, err := cloud.AddProject(dtcloud.ProjectSpec{})
	if err != nil {
		b.Fatal(err)
	}
	var names []string
	for range devices {
		name, err := cloud.AddDevice(project, dtcloud.DeviceSpec{Type: event.DeviceTemperature, Emulated: true})
		if err != nil {
			b.Fatal(err)
		}
		names = append(names, name)
		for i := range each {
			data := fmt.Appendf(nil, `{"temperature":{"value":21.%d,"isBackfilled":false,"updateTime":"2024-05-01T00:00:00.000000Z"}}`, i)
			if _, err := cloud.Inject(dtcloud.Event{Device: name, Type: event.TypeTemperature, Data: data, Time: start.Add(time.Duration(i-each) * time.Minute)}); err != nil {
				b.Fatal(err)
			}
		}
	}
	account, err := cloud.AddServiceAccount(dtcloud.ServiceAccountSpec{Roles: map[string]string{project: dtcloud.RoleUser}, BasicAuth: true})
	if err != nil {
		b.Fatal(err)
	}
	used := heap() - before
	handler := cloud.Handler()
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		r := httptest.NewRequest(http.MethodGet, dtcloud.APIPath+"/"+names[n%devices]+"/events?page_size=1000&start_time=2024-05-01T00:00:00Z", nil)
		r.SetBasicAuth(account.KeyID, account.Secret.Reveal())
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, r)
		if answer.Code != http.StatusOK {
			b.Fatalf("%d %s", answer.Code, answer.Body)
		}
		n++
	}
	b.ReportMetric(float64(used)/(devices*each), "B/event")
}
