package receivehttp

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/dt-functions/dt-functions/functions/receive"
)

const (
	// headerTimeout is how long a sender may take for a request's headers.
	headerTimeout = 5 * time.Second
	// readTimeout is how long it may take for the whole request. DT gives up
	// after 10 s, the answer included.
	readTimeout = 10 * time.Second
	// writeTimeout leaves room for handling after a slow read.
	writeTimeout = readTimeout + receive.Budget + 2*time.Second
	// idleTimeout is how long a connection is kept for the next event.
	idleTimeout = 2 * time.Minute
	// maxHeader bounds the headers, in bytes; a token has 8 KiB at most.
	maxHeader = 32 << 10
	// stopTimeout is how long a stop waits for requests under way. Platforms
	// send SIGKILL after 30 s.
	stopTimeout = 25 * time.Second
)

// Serve serves h on listener until ctx ends, and then finishes the requests it
// has accepted. It returns nil after such a stop. logger gets what net/http has
// to say of broken connections, at debug level.
func Serve(ctx context.Context, listener net.Listener, h http.Handler, logger *slog.Logger) error {
	server := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelDebug),
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err := <-served:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	if err := server.Shutdown(stop); err != nil {
		return errors.Join(fmt.Errorf("stop: requests were still under way: %w", err), server.Close())
	}
	return nil
}
