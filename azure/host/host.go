// Package host is the contract of an Azure Functions custom handler with the Functions
// host that starts it: the port it listens on, the host's poll, HTTP requests in the
// three modes in which the host hands them over, and the invocations of timers.
package host

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/dt-functions/dt-functions/shared/settings"
)

// The variables that the host sets, the present one first ("Azure Functions custom
// handlers").
const (
	portVariable      = "FUNCTIONS_CUSTOMHANDLER_PORT"
	olderPortVariable = "FUNCTIONS_HTTPWORKER_PORT"
)

// maxInvocation is the longest invocation that is read, in bytes. Timers' have less
// than 1 KiB.
const maxInvocation = 64 << 10

// Address returns where to listen, by the port that the host chose. Nobody but the
// host may reach it: it has checked who may call what. The error is a
// *settings.Error.
func Address(env settings.Environment) (string, error) {
	name, text := portVariable, strings.TrimSpace(env[portVariable])
	if text == "" && strings.TrimSpace(env[olderPortVariable]) != "" {
		name, text = olderPortVariable, strings.TrimSpace(env[olderPortVariable])
	}
	fault := fmt.Sprintf("%.40q is not a port", text)
	if text == "" {
		fault = "not set"
	}
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return "", &settings.Error{Problems: []settings.Problem{{
			Variable: name, Fault: fault,
			Accepted: "a number from 0 to 65535; the Azure Functions host sets it when it starts the handler, and 0, for a start by hand, takes any free port",
		}}}
	}
	return "127.0.0.1:" + strconv.FormatUint(n, 10), nil
}

// A Run runs the scheduled function of that name once and returns its report, JSON.
type Run func(ctx context.Context, name string, t Timer) (report json.RawMessage, err error)

// Functions are what the handler serves.
type Functions struct {
	// Receive gets HTTP requests.
	Receive http.Handler
	// Scheduled are the names of the functions that timers call, and Run runs one.
	Scheduled []string
	Run       Run
}

// NewHandler returns the handler of all that the host sends: its poll (GET /), the
// invocation of a timer (POST /NAME), and everything else, which is for Receive.
func NewHandler(f Functions) http.Handler {
	timers := make(map[string]http.Handler, len(f.Scheduled))
	for _, name := range f.Scheduled {
		timers["/"+name] = timer{name: name, run: f.Run}
	}
	// Not a ServeMux: it would answer paths that are not clean by itself.
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h, ok := timers[r.URL.Path]
		switch {
		case ok:
			h.ServeHTTP(w, r)
		case r.URL.Path == "/" && (r.Method == http.MethodGet || r.Method == http.MethodHead):
			w.WriteHeader(http.StatusOK)
		default:
			f.Receive.ServeHTTP(w, r)
		}
	})
}

// timer serves the invocations of one timer.
type timer struct {
	name string
	run  Run
}

func (t timer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		answer(w, http.StatusMethodNotAllowed, "timers are invoked by POST")
		return
	}
	// A function may take minutes. What the server allows a request would end its
	// context, or break its answer off.
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Time{})
	_ = control.SetWriteDeadline(time.Time{})
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxInvocation))
	if err != nil {
		answer(w, http.StatusBadRequest, "the invocation did not come whole, or has more than 64 KiB")
		return
	}
	state, err := ParseTimer(body)
	if err != nil {
		answer(w, http.StatusBadRequest, err.Error())
		return
	}
	report, err := t.run(r.Context(), t.name, state)
	if err != nil {
		// The host takes any status but 2xx for a failed run. It shows no Logs then;
		// what went wrong is in the handler's own log.
		answer(w, http.StatusInternalServerError, t.name+" failed: "+err.Error())
		return
	}
	answer(w, http.StatusOK, string(report))
}
