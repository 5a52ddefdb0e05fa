package command

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/dt-functions/dt-functions/functions/sync"
	"github.com/dt-functions/dt-functions/shared/settings"
)

func (a *app) sync() *cobra.Command {
	return &cobra.Command{
		Use:   "sync",
		Short: "Let the connectors in DT_CONNECTORS send each device's newest events again",
		Long: `sync is the scheduled function sync, run once.

` + exitCodeHelp,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := settings.LoadSync(a.env)
			if err != nil {
				return err
			}
			client, err := a.client()
			if err != nil {
				return err
			}
			f, err := sync.New(sync.Config{Client: client, Connectors: s.Connectors})
			if err != nil {
				return err
			}
			report, err := f.Run(cmd.Context())
			if a.json {
				a.encode(a.Stdout, report)
			}
			for _, c := range report.Connectors {
				switch {
				case a.json:
				case c.Synced:
					fmt.Fprintf(a.Stdout, "%s: synced\n", c.Connector)
				default:
					fmt.Fprintf(a.Stdout, "%s: %s\n", c.Connector, c.Error)
				}
			}
			if err != nil {
				return errReported
			}
			return nil
		},
	}
}
