// Package receivehttp serves the receive function over net/http, for the
// platforms that hand over HTTP requests.
package receivehttp

import (
	"context"
	"net/http"

	"github.com/dt-functions/dt-functions/functions/receive"
)

// A Receiver handles requests; *receive.Function is one.
type Receiver interface {
	Handle(ctx context.Context, r receive.Request) receive.Answer
}

// NewHandler returns an http.Handler that hands every request to r, whatever its
// method and path, with the exact bytes of its body.
func NewHandler(r Receiver) http.Handler {
	return &handler{receiver: r, bodies: newBodyReader()}
}

type handler struct {
	receiver Receiver
	bodies   bodyReader
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	request := receive.Request{Method: r.Method, Path: r.URL.Path, Header: r.Header}
	body, err := h.bodies.read(w, r)
	defer body.release()
	request.Body, request.BodyError = body.bytes, err
	// A sender that hangs up must not undo an event whose bytes are here: the
	// sink's work goes on, within the function's own budget.
	answer := h.receiver.Handle(context.WithoutCancel(r.Context()), request)
	for name, value := range answer.Header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(answer.Status)
	// When the sender has gone nobody is left to tell.
	_, _ = w.Write(answer.Body)
}
