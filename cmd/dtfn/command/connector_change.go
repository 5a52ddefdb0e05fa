package command

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/dt-functions/dt-functions/shared/dtapi"
)

func (a *app) connectorEnable() *cobra.Command {
	return &cobra.Command{
		Use:   "enable CONNECTOR…",
		Short: "Let connectors deliver (again)",
		Long: `enable lets connectors deliver, those too that DT has disabled. What they missed
is not sent by that: dtfn recover fetches it.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.setStatus(cmd.Context(), args, dtapi.StatusActive)
		},
	}
}

func (a *app) connectorDisable() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "disable CONNECTOR…",
		Short: "Stop connectors; what they miss then is never sent",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := a.confirm(yes, fmt.Sprintf("Disable %d connector(s)? What they miss then is never sent to them.", len(args))); err != nil {
				return err
			}
			return a.setStatus(cmd.Context(), args, dtapi.StatusUserDisabled)
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}

func (a *app) setStatus(ctx context.Context, args []string, status dtapi.Status) error {
	return a.each(ctx, args, func(ctx context.Context, client *dtapi.Client, name dtapi.ConnectorName) error {
		c, err := client.UpdateConnector(ctx, name, dtapi.Change{Status: &status})
		if err != nil {
			return err
		}
		if c.Status != status {
			return fmt.Errorf("it is %s still", c.Status)
		}
		a.done(name, string(status))
		return nil
	})
}

func (a *app) connectorSync() *cobra.Command {
	return &cobra.Command{
		Use:   "sync CONNECTOR…",
		Short: "Let connectors send each device's newest events again",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.each(cmd.Context(), args, func(ctx context.Context, client *dtapi.Client, name dtapi.ConnectorName) error {
				if err := client.SyncConnector(ctx, name); err != nil {
					return err
				}
				a.done(name, "synced")
				return nil
			})
		},
	}
}

func (a *app) connectorDelete() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "delete CONNECTOR…",
		Short: "Delete connectors, for good",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := a.confirm(yes, fmt.Sprintf("Delete %d connector(s) for good?", len(args))); err != nil {
				return err
			}
			return a.each(cmd.Context(), args, func(ctx context.Context, client *dtapi.Client, name dtapi.ConnectorName) error {
				if err := client.DeleteConnector(ctx, name); err != nil {
					return err
				}
				a.done(name, "deleted")
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}

// done says that something was done to a connector.
func (a *app) done(name dtapi.ConnectorName, what string) {
	if a.json {
		a.encode(a.Stdout, map[string]string{"connector": string(name), "result": what})
		return
	}
	fmt.Fprintf(a.Stdout, "%s: %s\n", name, what)
}
