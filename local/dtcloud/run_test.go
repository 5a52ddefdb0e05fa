package dtcloud_test

import (
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dt-functions/dt-functions/local/dtcloud"
)

// Requests that are under way when Run is stopped get a moment; then they are
// broken off, and their events stay queued for the next Run.
func TestStopAndGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hang atomic.Bool
		hang.Store(true)
		w := newWorld(t, func(c *dtcloud.Config) {
			c.Transport = roundTrip(func(request *http.Request) (*http.Response, error) {
				if hang.Load() {
					<-request.Context().Done()
					return nil, request.Context().Err()
				}
				return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
			})
		})
		w.touch(t, 30)
		end := w.begin(t)
		synctest.Wait()
		if err := w.Run(t.Context()); !errors.Is(err, dtcloud.ErrRunning) {
			t.Errorf("second Run: %v", err)
		}
		began := time.Now()
		end()
		if passed := time.Since(began); passed != 2*time.Second {
			t.Errorf("stopping took %v", passed)
		}
		w.checkStats(t, dtcloud.Stats{Sent: 30, Pending: 30})
		hang.Store(false)
		w.deliverAll(t)
		w.checkStats(t, dtcloud.Stats{Sent: 30, Delivered: 30, Attempts: 30})
	})
}
