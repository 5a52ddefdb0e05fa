package metrics

import (
	"bytes"
	"net/http"
)

// Path is where the numbers are served.
const Path = "/metrics"

// Handler serves what collect returns at Path, and nothing else.
func Handler(collect func() []Family) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+Path, func(w http.ResponseWriter, _ *http.Request) {
		var text bytes.Buffer
		if err := Write(&text, collect()); err != nil {
			panic("metrics: " + err.Error()) // a buffer takes everything
		}
		w.Header().Set("Content-Type", ContentType)
		// Who asked and has gone need not be told.
		_, _ = w.Write(text.Bytes())
	})
	return mux
}
