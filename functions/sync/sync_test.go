package sync_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/functions/sync"
	"github.com/dt-functions/dt-functions/local/dtcloud"
	"github.com/dt-functions/dt-functions/local/dtcloud/dtcloudtest"
	"github.com/dt-functions/dt-functions/shared/dtapi"
	"github.com/dt-functions/dt-functions/shared/event"
)

// Every connector is synced, also after one that fails, which the error names.
func TestRun(t *testing.T) {
	w := dtcloudtest.New(t, nil)
	first, second := w.Connector(t, dtcloud.Connector{}), w.Connector(t, dtcloud.Connector{})
	gone := dtapi.ConnectorName("projects/p1/dataconnectors/gone")
	device := w.Device(t, dtcloud.DeviceSpec{Type: event.DeviceTouch})
	w.Emit(t, device, event.TypeTouch, w.Clock().Now())
	before := w.Stats().Sent
	f, err := sync.New(sync.Config{Client: w.Client(t, nil), Connectors: []dtapi.ConnectorName{first, gone, second}})
	if err != nil {
		t.Fatal(err)
	}
	report, err := f.Run(t.Context())
	if !errors.Is(err, dtapi.ErrNotFound) || !strings.Contains(err.Error(), string(gone)) || strings.Contains(err.Error(), string(first)) {
		t.Errorf("error %v", err)
	}
	var synced []string
	for _, c := range report.Connectors {
		if c.Synced != (c.Error == "") {
			t.Errorf("%+v", c)
		}
		if c.Synced {
			synced = append(synced, c.Connector)
		}
	}
	if len(report.Connectors) != 3 || !slices.Equal(synced, []string{string(first), string(second)}) {
		t.Errorf("report %+v", report)
	}
	if sent := w.Stats().Sent - before; sent != 2 {
		t.Errorf("%d events are sent again, want one for each of two connectors", sent)
	}
}

func TestNew(t *testing.T) {
	w := dtcloudtest.New(t, nil)
	for _, c := range []sync.Config{{}, {Client: w.Client(t, nil)}, {Connectors: []dtapi.ConnectorName{"x"}}} {
		if _, err := sync.New(c); err == nil {
			t.Errorf("%+v is taken", c)
		}
	}
}
