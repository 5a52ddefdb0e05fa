package command

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/dt-functions/dt-functions/shared/dtapi"
)

func (a *app) connectorList() *cobra.Command {
	return &cobra.Command{
		Use:     "list PROJECT…",
		Short:   "List the connectors of projects",
		Example: "  dtfn connector list projects/c14u9p094l47cdv1o3pg",
		Args:    cobra.MinimumNArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return a.runConnectorList(cmd.Context(), args) },
	}
}

func (a *app) runConnectorList(ctx context.Context, projects []string) error {
	client, err := a.client()
	if err != nil {
		return err
	}
	var rows [][]string
	for _, project := range projects {
		for c, err := range client.Connectors(ctx, project) {
			if err != nil {
				return fmt.Errorf("%s: %w", project, err)
			}
			s := newShownConnector(c)
			if a.json {
				a.encode(a.Stdout, s)
				continue
			}
			url := ""
			if s.HTTP != nil {
				url = s.HTTP.URL
			}
			rows = append(rows, []string{s.Name, s.Status, s.Type, cut(s.DisplayName, 30), cut(orElse(s.Events, "all"), 40), url})
		}
	}
	if !a.json {
		a.table([]string{"NAME", "STATUS", "TYPE", "DISPLAY NAME", "EVENTS", "URL"}, rows)
	}
	return nil
}

func (a *app) connectorGet() *cobra.Command {
	return &cobra.Command{
		Use:   "get CONNECTOR…",
		Short: "Show connectors",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.each(cmd.Context(), args, func(ctx context.Context, client *dtapi.Client, name dtapi.ConnectorName) error {
				c, err := client.Connector(ctx, name)
				if err == nil {
					a.showConnector(c)
				}
				return err
			})
		},
	}
}

func (a *app) connectorMetrics() *cobra.Command {
	return &cobra.Command{
		Use:   "metrics CONNECTOR…",
		Short: "Show how a connector's requests of the last 3 hours went",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.each(cmd.Context(), args, func(ctx context.Context, client *dtapi.Client, name dtapi.ConnectorName) error {
				m, err := client.ConnectorMetrics(ctx, name)
				if err != nil {
					return err
				}
				if a.json {
					a.encode(a.Stdout, shownMetrics{string(name), m.SuccessCount, m.ErrorCount, milliseconds(m.Latency99p)})
					return nil
				}
				a.table(nil, [][]string{
					{"connector", string(name)}, {"answered with 200", fmt.Sprint(m.SuccessCount)},
					{"failed", fmt.Sprint(m.ErrorCount)}, {"latency of 99 %", m.Latency99p.String()},
				})
				return nil
			})
		},
	}
}

// shownMetrics are a connector's metrics for programs.
type shownMetrics struct {
	Connector    string  `json:"connector"`
	SuccessCount int64   `json:"successCount"`
	ErrorCount   int64   `json:"errorCount"`
	Latency99pMS float64 `json:"latency99pMs"`
}
