package dtcloud_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/local/dtcloud"
	"github.com/dt-functions/dt-functions/shared/event"
)

// serve makes a request to a handler, without a network.
func serve(t *testing.T, handler http.Handler, account dtcloud.ServiceAccount, method, path, body string, query url.Values) int {
	t.Helper()
	r := httptest.NewRequest(method, dtcloud.APIPath+path, strings.NewReader(body))
	r.URL.RawQuery = query.Encode()
	r.SetBasicAuth(account.KeyID, account.Secret.Reveal())
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, r)
	return answer.Code
}

type eventPage struct {
	Events []struct {
		EventID, EventType string
		Timestamp          time.Time
	}
	NextPageToken string
}

// history returns the ids of a device's events, page by page; between is called
// between pages.
func (a *api) history(t *testing.T, device, query string, between func()) (ids []string, pages int) {
	t.Helper()
	token := ""
	for {
		var p eventPage
		a.call(t, "GET", "/"+device+"/events?"+query+"&page_token="+token, "").must(t, &p)
		for _, e := range p.Events {
			ids = append(ids, e.EventID)
		}
		pages++
		if token = p.NextPageToken; token == "" {
			return ids, pages
		}
		if between != nil {
			between()
		}
	}
}

func TestAPIEvents(t *testing.T) {
	a := newAPI(t, nil)
	device, err := a.AddDevice(a.project, dtcloud.DeviceSpec{Type: event.DeviceTouch, Emulated: true})
	if err != nil {
		t.Fatal(err)
	}
	now := a.Clock().Now()
	inject := func(id, eventType string, at time.Time) {
		if _, err := a.Inject(dtcloud.Event{Device: device, Type: eventType, ID: id, Time: at}); err != nil {
			t.Fatal(err)
		}
	}
	var all []string // the newest first
	for i := range 250 {
		eventType := []string{event.TypeTouch, event.TypeNetworkStatus}[i%2]
		// Several have the same time.
		inject(fmt.Sprint("e", i), eventType, now.Add(-time.Duration(i/10)*time.Hour))
	}
	// Among events of one time, what came last is listed first.
	for hour := range 25 {
		for i := 9; i >= 0; i-- {
			all = append(all, fmt.Sprint("e", hour*10+i))
		}
	}
	start := "start_time=" + now.Add(-48*time.Hour).Format(time.RFC3339)
	for _, size := range []int{1, 7, 10, 249, 250, 1000} {
		ids, pages := a.history(t, device, fmt.Sprint(start, "&page_size=", size), nil)
		if want := (250 + size - 1) / size; !slices.Equal(ids, all) || pages != want {
			t.Errorf("pages of %d: %d events in %d pages, want %d", size, len(ids), pages, want)
		}
	}
	// The other spellings, and one type.
	ids, _ := a.history(t, device, "startTime="+now.Add(-48*time.Hour).Format(time.RFC3339)+"&pageSize=3&eventTypes=touch", nil)
	if len(ids) != 125 || slices.Contains(ids, "e1") {
		t.Errorf("%d events of one type", len(ids))
	}
	ids, _ = a.history(t, device, start+"&event_types=touch&event_types=networkStatus", nil)
	if len(ids) != 250 {
		t.Errorf("%d events of two types", len(ids))
	}
	// Bounds; without any, the last 24 hours.
	ids, _ = a.history(t, device, "start_time="+now.Add(-3*time.Hour).Format(time.RFC3339)+"&end_time="+now.Add(-time.Hour).Format(time.RFC3339), nil)
	if !slices.Equal(ids, all[20:40]) {
		t.Errorf("from 3 h to 1 h ago: %v", ids)
	}
	if ids, _ = a.history(t, device, "", nil); len(ids) != 250 {
		t.Errorf("%d events of the last 24 hours", len(ids))
	}
	// Events that come meanwhile do not move those that were listed.
	n := 0
	ids, _ = a.history(t, device, start+"&page_size=9", func() {
		inject(fmt.Sprint("new", n), event.TypeTouch, now)
		inject(fmt.Sprint("late", n), event.TypeTouch, now.Add(-25*time.Hour))
		n++
	})
	old := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !strings.HasPrefix(id, "e") })
	if !slices.Equal(old, all) {
		t.Errorf("while events came: %d of %d", len(old), len(all))
	}
	if got := slices.Compact(slices.Sorted(slices.Values(ids))); len(got) != len(ids) {
		t.Error("an event was listed twice")
	}
}

// What is older than 31 days is gone, whatever is asked for.
func TestAPIRetention(t *testing.T) {
	a := newAPI(t, nil)
	device, err := a.AddDevice(a.project, dtcloud.DeviceSpec{Type: event.DeviceTouch, Emulated: true})
	if err != nil {
		t.Fatal(err)
	}
	now := a.Clock().Now()
	for days := 40; days >= 0; days-- {
		if _, err := a.Inject(dtcloud.Event{Device: device, Type: event.TypeTouch, ID: fmt.Sprint("day", days), Time: now.AddDate(0, 0, -days)}); err != nil {
			t.Fatal(err)
		}
	}
	// labelsChanged is not in the history.
	if err := a.SetLabels(device, map[string]string{"a": "b"}); err != nil {
		t.Fatal(err)
	}
	ids, _ := a.history(t, device, "start_time=2000-01-01T00:00:00%2B01:00&page_size=7", nil)
	if len(ids) != 32 || ids[0] != "day0" || ids[31] != "day31" {
		t.Errorf("%v", ids)
	}
	pass(t, a.Cloud, 24*time.Hour)
	if ids, _ = a.history(t, device, "start_time=2000-01-01T00:00:00Z", nil); len(ids) != 31 || ids[30] != "day30" {
		t.Errorf("a day later: %v", ids)
	}
}
