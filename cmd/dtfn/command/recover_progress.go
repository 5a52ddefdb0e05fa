package command

import (
	"fmt"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/dt-functions/dt-functions/functions/recover"
)

// A recoverProgress shows how far recover is, on standard error: a bar on a
// terminal, now and then a line elsewhere.
type recoverProgress struct {
	app       *app
	terminal  bool
	bar       *progressbar.ProgressBar
	connector string    // that the bar is for
	last      time.Time // when the last line was printed
}

func newRecoverProgress(a *app) *recoverProgress {
	return &recoverProgress{app: a, terminal: isTerminal(a.Stderr), last: a.Now()}
}

func (p *recoverProgress) show(now recover.Progress) {
	if !p.terminal {
		const every = 10 * time.Second
		if t := p.app.Now(); t.Sub(p.last) >= every {
			p.last = t
			fmt.Fprintf(p.app.Stderr, "%s: %d of %d devices, %d events in %d requests\n",
				now.Connector, now.DevicesDone, now.Devices, now.Events, now.Pages)
		}
		return
	}
	if p.connector != now.Connector {
		p.end()
		p.connector = now.Connector
		p.bar = progressbar.NewOptions(now.Devices,
			progressbar.OptionSetWriter(p.app.Stderr),
			progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionSetItsString("devices"),
			progressbar.OptionSetPredictTime(true), progressbar.OptionSetWidth(20), progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionClearOnFinish(),
		)
	}
	// A bar that cannot be drawn is no reason to stop.
	p.bar.Describe(fmt.Sprintf("%d events", now.Events))
	_ = p.bar.Set(now.DevicesDone)
}

// end takes the bar away.
func (p *recoverProgress) end() {
	if p.bar != nil {
		_ = p.bar.Clear()
		p.bar = nil
	}
}
