package command

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/dt-functions/dt-functions/functions/receive"
	"github.com/dt-functions/dt-functions/functions/receive/receivehttp"
	"github.com/dt-functions/dt-functions/local/store"
	"github.com/dt-functions/dt-functions/shared/settings"
	"github.com/dt-functions/dt-functions/shared/signature"
	"github.com/dt-functions/dt-functions/shared/sink"
	"github.com/dt-functions/dt-functions/shared/telemetry"
)

func (a *app) receive() *cobra.Command {
	var path, host string
	cmd := &cobra.Command{
		Use:   "receive",
		Short: "Run the receiver alone, set by the environment",
		Long: `receive serves the receive function over HTTP on PORT (8080) until it is told to
stop, and then finishes what it has accepted. Its settings are environment
variables; all that is wrong is reported at once. The log goes to standard error.

` + exitCodeHelp,
		Example: `  DT_SIGNATURE_SECRET="$SECRET" DT_SINK=sqlite://$PWD/events.db dtfn receive`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.runReceive(cmd.Context(), host, path)
		},
	}
	cmd.Flags().StringVar(&host, "host", "", "the address to listen on (default all)")
	cmd.Flags().StringVar(&path, "path", "/", "the path that the connector posts to; \"\" serves every path")
	return cmd
}

func (a *app) runReceive(ctx context.Context, host, path string) error {
	server, serverErr := settings.LoadServer(a.env)
	s, err := settings.LoadReceive(a.env, a.drivers(nil))
	if err := errors.Join(serverErr, err); err != nil {
		return err
	}
	logger := telemetry.NewLogger(a.Stderr, s.LogLevel)
	for _, warning := range s.Warnings {
		logger.WarnContext(ctx, warning)
	}
	f, err := receive.Open(ctx, s, receive.Parts{
		Drivers:  a.drivers,
		Observer: telemetry.LogObserver(logger),
		Path:     path,
		Now:      a.Now,
	})
	if err != nil {
		return err
	}
	return errors.Join(a.serve(ctx, net.JoinHostPort(host, strconv.Itoa(server.Port)), f, logger), f.Close())
}

// serve serves f on address until ctx ends.
func (a *app) serve(ctx context.Context, address string, f *receive.Function, logger *slog.Logger) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("PORT: %w", err)
	}
	logger.InfoContext(ctx, "listening", "address", listener.Addr().String())
	return receivehttp.Serve(ctx, listener, receivehttp.NewHandler(f), logger)
}

// drivers are the sinks that dtfn can open.
func (a *app) drivers(signer *signature.Signer) sink.Drivers {
	d := sink.Portable{Stdout: a.Stdout, Signer: signer}.Drivers()
	d[store.Scheme] = store.OpenSink
	return d
}
