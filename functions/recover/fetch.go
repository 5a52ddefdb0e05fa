package recover

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/dt-functions/dt-functions/shared/dtapi"
)

// saveEvery is after how many pages the state is saved: at 5 requests a second
// about every 2 seconds.
const saveEvery = 10

// A fetch is the fetching of one gap, by several workers.
type fetch struct {
	*run
	end     time.Time // of the events' times; zero for DT's now
	devices []device  // all of them, by id
	save    func(context.Context) error
	stop    context.CancelCauseFunc

	mu       sync.Mutex // guards what follows
	gap      *gap
	report   *GapReport
	through  int // how many of devices are done without one missing
	unsaved  int // pages
	failures []error
}

// fetch fetches what g lacks of the devices called only, or of all, up to end, and
// calls save now and then.
func (r *run) fetch(ctx context.Context, g *gap, end time.Time, only []string, save func(context.Context) error) error {
	r.report.Gaps = append(r.report.Gaps, GapReport{From: g.From, To: g.To})
	f := fetch{run: r, save: save, gap: g, report: &r.report.Gaps[len(r.report.Gaps)-1]}
	if end.Before(r.config.Now()) {
		f.end = end // DT's own now is exact where a clock may be wrong
	}
	var err error
	if f.devices, err = r.devices(ctx, only); err != nil {
		return err
	}
	rest := slices.DeleteFunc(slices.Clone(f.devices), func(d device) bool { return g.isDone(d.id) })
	f.report.Devices, f.report.DevicesDone = len(f.devices), len(f.devices)-len(rest)
	work, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	f.stop = stop
	f.work(work, rest)
	return f.finish(ctx, context.Cause(work))
}

// work fetches devices until all are done or ctx ends.
func (f *fetch) work(ctx context.Context, devices []device) {
	queue := make(chan device)
	var workers sync.WaitGroup
	for range min(f.config.Concurrency, len(devices)) {
		workers.Go(func() {
			for d := range queue {
				f.device(ctx, d)
			}
		})
	}
	defer workers.Wait()
	defer close(queue)
	for _, d := range devices {
		select {
		case queue <- d:
		case <-ctx.Done():
			return
		}
	}
}

// finish tells what went wrong, and saves what was reached none the less.
func (f *fetch) finish(ctx context.Context, stopped error) error {
	err := errors.Join(f.failures...)
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	} else if stopped != nil {
		err = stopped
	}
	if err == nil {
		f.report.Finished = true
		return nil
	}
	if errors.Is(err, errSave) {
		return err
	}
	return errors.Join(err, f.save(ctx))
}

// device fetches one device and notes that it is done.
func (f *fetch) device(ctx context.Context, d device) {
	err := f.pages(ctx, d)
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case ctx.Err() != nil:
		return
	case errors.Is(err, dtapi.ErrNotFound):
		// Its history has left with it.
		f.note("device " + d.id + " is not in the project any more, so its events cannot be fetched")
	case err != nil:
		// The other devices can be done none the less.
		err = fmt.Errorf("device %s: %w", d.id, err)
		f.failures = append(f.failures, err)
		if isGeneral(err) {
			f.stop(err)
		}
		return
	}
	f.done(d.id)
	f.progress()
}

// isGeneral says that what befell one device will befall every other.
func isGeneral(err error) bool {
	for _, general := range []error{errPublish, errSave, dtapi.ErrUnauthenticated, dtapi.ErrForbidden} {
		if errors.Is(err, general) {
			return true
		}
	}
	return false
}

// done notes that a device is done: as one of those up to Through if it can be, so
// that the state stays small however many devices there are.
func (f *fetch) done(id string) {
	g := f.gap
	f.report.DevicesDone++
	delete(g.Back, id)
	g.Done = append(g.Done, id)
	for f.through < len(f.devices) && g.isDone(f.devices[f.through].id) {
		g.Through = f.devices[f.through].id
		f.through++
	}
	g.Done = slices.DeleteFunc(g.Done, func(id string) bool { return id <= g.Through })
}

func (g *gap) isDone(id string) bool {
	return g.Through != "" && id <= g.Through || slices.Contains(g.Done, id)
}

// pageDone notes that all events of a device that are not older than back are
// published, and saves that now and then.
func (f *fetch) pageDone(ctx context.Context, id string, back time.Time, c counts) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.gap.Back == nil {
		f.gap.Back = make(map[string]time.Time)
	}
	f.gap.Back[id] = back
	f.report.add(c)
	f.progress()
	if f.unsaved++; f.unsaved < saveEvery {
		return nil
	}
	f.unsaved = 0
	return f.save(ctx)
}

func (f *fetch) progress() {
	if f.config.Progress == nil {
		return
	}
	f.config.Progress(Progress{
		Connector: string(f.name), Devices: f.report.Devices, DevicesDone: f.report.DevicesDone,
		Pages: f.report.Pages, Events: f.report.Events,
	})
}
