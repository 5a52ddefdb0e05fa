// Package trace ties the lines of a log to the request that they belong to, as Cloud
// Logging shows them together (Cloud Logging, "Structured logging", special fields).
package trace

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
)

// field is what Cloud Logging reads.
const field = "logging.googleapis.com/trace"

type key struct{}

// WithRequest returns ctx knowing the trace of a request, if it has one: by the
// header traceparent (W3C Trace Context) or X-Cloud-Trace-Context (Google's own).
func WithRequest(ctx context.Context, r *http.Request) context.Context {
	id := fromTraceparent(r.Header.Get("Traceparent"))
	if id == "" {
		id, _, _ = strings.Cut(r.Header.Get("X-Cloud-Trace-Context"), "/")
	}
	if !isID(id) {
		return ctx
	}
	return context.WithValue(ctx, key{}, id)
}

// fromTraceparent returns the id in version-id-span-flags.
func fromTraceparent(text string) string {
	parts := strings.Split(text, "-")
	if len(parts) < 4 {
		return ""
	}
	return parts[1]
}

// isID tells whether text is 32 hexadecimal digits: what a sender may set must not
// become anything else in a log.
func isID(text string) bool {
	return len(text) == 32 && strings.Trim(text, "0123456789abcdef") == ""
}

// NewHandler returns a handler that adds the trace to what next writes. Without a
// project there are no names of traces, and nothing is added.
func NewHandler(next slog.Handler, project string) slog.Handler {
	if project == "" {
		return next
	}
	return handler{next, "projects/" + project + "/traces/"}
}

type handler struct {
	slog.Handler
	prefix string
}

func (h handler) Handle(ctx context.Context, r slog.Record) error {
	if id, ok := ctx.Value(key{}).(string); ok {
		r.AddAttrs(slog.String(field, h.prefix+id))
	}
	return h.Handler.Handle(ctx, r)
}

func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return handler{h.Handler.WithAttrs(attrs), h.prefix}
}

func (h handler) WithGroup(name string) slog.Handler {
	return handler{h.Handler.WithGroup(name), h.prefix}
}
