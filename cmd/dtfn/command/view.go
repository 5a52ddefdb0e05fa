package command

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/mattn/go-isatty"

	"github.com/dt-functions/dt-functions/functions/receive"
	"github.com/dt-functions/dt-functions/functions/receive/receivehttp"
	"github.com/dt-functions/dt-functions/shared/event"
	"github.com/dt-functions/dt-functions/shared/telemetry"
)

// A view shows requests as they are handled: a line each, and on a terminal a
// summary that stays below them.
type view struct {
	receiver receivehttp.Receiver
	app      *app
	terminal bool
	colour   bool

	counts  telemetry.Counters
	mu      sync.Mutex
	summary func() string // what stands below the lines; nil while there is none
}

func newView(a *app, r receivehttp.Receiver) *view {
	terminal := isTerminal(a.Stdout)
	return &view{
		receiver: r, app: a, terminal: terminal,
		colour: terminal && a.env["NO_COLOR"] == "",
	}
}

// A shownEvent is a line for programs.
type shownEvent struct {
	Time      time.Time       `json:"time"`
	Outcome   receive.Outcome `json:"outcome"`
	Reason    string          `json:"reason,omitempty"`
	EventID   string          `json:"eventId,omitempty"`
	EventType string          `json:"eventType,omitempty"`
	Device    string          `json:"device,omitempty"`
	Name      string          `json:"name,omitempty"`
	Reading   string          `json:"reading,omitempty"`
	LatencyMS float64         `json:"latencyMs"`
}

// Handle hands r on and shows what became of it.
func (v *view) Handle(ctx context.Context, r receive.Request) receive.Answer {
	start := time.Now()
	answer := v.receiver.Handle(ctx, r)
	s := shownEvent{
		Time: start.UTC(), Outcome: answer.Outcome, Reason: answer.Reason,
		LatencyMS: milliseconds(time.Since(start)),
	}
	// Of a body that was not verified nothing is shown.
	if answer.Status == 200 {
		if ev, err := event.Decode(r.Body); err == nil {
			s.EventID, s.EventType, s.Device = ev.ID, ev.Type, ev.DeviceID()
			s.Name, s.Reading = ev.DisplayName(), describe(ev)
		}
	}
	v.counts.Received(ctx, telemetry.Receipt{Outcome: string(answer.Outcome)})
	v.show(s)
	return answer
}

func (v *view) show(s shownEvent) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.app.json {
		v.app.encode(v.app.Stdout, s)
		return
	}
	what := s.Reading
	if s.Reason != "" {
		what = strings.TrimSpace(what + " (" + s.Reason + ")")
	}
	v.clear()
	fmt.Fprintf(v.app.Stdout, "%s  %s  %-18s  %-24s  %-28s %6.1f ms\n",
		s.Time.Local().Format("15:04:05.000"), v.paint(s.Outcome), cut(s.EventType, 18), cut(s.Name, 24), cut(what, 28), s.LatencyMS)
	v.draw()
}

// refresh draws the summary anew; where there is no terminal to draw on, it
// prints it as a line.
func (v *view) refresh() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.app.json || v.summary == nil {
		return
	}
	if !v.terminal {
		fmt.Fprintf(v.app.Stdout, "-- %s\n", v.summary())
		return
	}
	v.clear()
	v.draw()
}

// setSummary makes f the text of the summary; nil takes it away.
func (v *view) setSummary(f func() string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.clear()
	v.summary = f
}

// count returns how many requests had the outcome o.
func (v *view) count(o receive.Outcome) int {
	return int(v.counts.Snapshot().Outcomes[string(o)])
}

const eraseLine = "\r\x1b[K"

// summaryWidth keeps the summary on one line of the narrowest terminal: of one
// that wraps only the last line would be erased.
const summaryWidth = 79

func (v *view) clear() {
	if v.terminal && v.summary != nil {
		io.WriteString(v.app.Stdout, eraseLine)
	}
}

func (v *view) draw() {
	if v.terminal && v.summary != nil {
		io.WriteString(v.app.Stdout, eraseLine+cut(v.summary(), summaryWidth))
	}
}

// paint returns the outcome at a fixed width, coloured by how good it is.
func (v *view) paint(o receive.Outcome) string {
	text := fmt.Sprintf("%-12s", o)
	if !v.colour {
		return text
	}
	const green, yellow, red, grey = "32", "33", "31", "90"
	colour := red
	switch o {
	case receive.Accepted:
		colour = green
	case receive.Filtered, receive.Duplicate:
		colour = grey
	case receive.DeadLettered, receive.Retry:
		colour = yellow
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}

// cut shortens text to n characters.
func cut(text string, n int) string {
	if runes := []rune(text); len(runes) > n {
		return string(runes[:n-1]) + "…"
	}
	return text
}
