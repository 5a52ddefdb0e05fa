package host

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// ErrInvocation means that a request is not the invocation of a timer.
var ErrInvocation = errors.New(`not the invocation of a timer: want {"Data":{"timer":…},"Metadata":…}, as the Functions host posts it`)

// A Timer is what the host says of a timer.
type Timer struct {
	// PastDue means that the run comes late, since the app was not running at its
	// time.
	PastDue bool
	// Next is when the next run is due, as the host writes it; "" if it does not say.
	Next string
}

// ParseTimer returns what the invocation of a timer says. The binding's name must be
// "timer"; its value may be an object, an object as text, once or twice so, as hosts
// hand over what is bound as a string, or null. Names are taken in either case. What
// is not understood of the timer is left out: nothing depends on it. The error wraps
// ErrInvocation.
func ParseTimer(body []byte) (Timer, error) {
	// Package json takes names in any case.
	var invocation struct {
		Data *struct {
			Timer json.RawMessage
		}
	}
	if err := json.Unmarshal(body, &invocation); err != nil {
		return Timer{}, fmt.Errorf("%w: %w", ErrInvocation, withoutValue(err))
	}
	if invocation.Data == nil || invocation.Data.Timer == nil {
		return Timer{}, ErrInvocation
	}
	state := invocation.Data.Timer
	for range 2 {
		var text string
		if json.Unmarshal(state, &text) != nil || !json.Valid([]byte(text)) {
			break
		}
		state = []byte(text)
	}
	var t struct {
		IsPastDue      json.RawMessage
		ScheduleStatus json.RawMessage
	}
	var status struct{ Next json.RawMessage }
	var timer Timer
	if json.Unmarshal(state, &t) != nil {
		return timer, nil
	}
	timer.PastDue = string(t.IsPastDue) == "true"
	if json.Unmarshal(t.ScheduleStatus, &status) == nil && json.Unmarshal(status.Next, &timer.Next) != nil {
		timer.Next = ""
	}
	return timer, nil
}

// withoutValue returns err, which may quote a character of what did not parse but
// nothing more.
func withoutValue(err error) error {
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Errorf("not JSON at byte %d", syntax.Offset)
	}
	return errors.New("a value of the wrong type")
}

// answer answers an invocation in the form that the host takes ("Response payload"),
// with a line for the invocation's log.
func answer(w http.ResponseWriter, status int, line string) {
	body, err := json.Marshal(struct {
		Outputs     struct{}
		Logs        []string
		ReturnValue any
	}{Logs: []string{line}})
	if err != nil {
		panic("host: answer: " + err.Error()) // texts always encode
	}
	// As text/plain the host would take it for a failed run.
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
