package command

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dt-functions/dt-functions/shared/dtapi"
	"github.com/dt-functions/dt-functions/shared/settings"
)

func (a *app) connector() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "connector",
		Short: "List, make, change and delete Data Connectors",
		Long: `connector works on Data Connectors through DT's REST API, with the service account
in DT_SERVICE_ACCOUNT_KEY_ID, DT_SERVICE_ACCOUNT_SECRET and DT_SERVICE_ACCOUNT_EMAIL.
Reading takes the role project.user, everything else project.developer.

A connector is named projects/P/dataconnectors/C. No command shows a secret.

` + exitCodeHelp,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(
		a.connectorList(), a.connectorGet(), a.connectorCreate(),
		a.connectorDiff(), a.connectorApply(),
		a.connectorEnable(), a.connectorDisable(),
		a.connectorSync(), a.connectorMetrics(),
		a.connectorDelete(), a.connectorRotateSecret(),
	)
	return cmd
}

// client returns a client of DT's REST API, as the environment sets it.
func (a *app) client() (*dtapi.Client, error) {
	s, warnings, err := settings.LoadAPI(a.env)
	if err != nil {
		return nil, err
	}
	for _, warning := range warnings {
		fmt.Fprintln(a.Stderr, "dtfn:", warning)
	}
	return dtapi.New(dtapi.Config{URL: s.URL, TokenURL: s.TokenURL, Credentials: s.Credentials, Now: a.Now})
}

// parseConnectors returns the names in args.
func parseConnectors(args []string) ([]dtapi.ConnectorName, error) {
	var names []dtapi.ConnectorName
	for _, arg := range args {
		name, err := dtapi.ParseConnectorName(arg)
		if err != nil {
			return nil, misuse(err)
		}
		names = append(names, name)
	}
	return names, nil
}

// each calls work for each connector that args name, goes on after one fails, and
// fails when one did.
func (a *app) each(ctx context.Context, args []string, work func(context.Context, *dtapi.Client, dtapi.ConnectorName) error) error {
	names, err := parseConnectors(args)
	if err != nil {
		return err
	}
	client, err := a.client()
	if err != nil {
		return err
	}
	failed := 0
	for _, name := range names {
		if err := work(ctx, client, name); err != nil {
			failed++
			a.report(fmt.Errorf("%s: %w", name, err))
		}
	}
	if failed > 0 {
		return errReported
	}
	return nil
}

// A shownConnector is a connector for programs: as DT's API has it, but without
// what is secret.
type shownConnector struct {
	Name        string     `json:"name"`
	DisplayName string     `json:"displayName"`
	Type        string     `json:"type"`
	Status      string     `json:"status"`
	Events      []string   `json:"events"`
	Labels      []string   `json:"labels"`
	HTTP        *shownHTTP `json:"httpConfig,omitempty"`
}

type shownHTTP struct {
	URL             string   `json:"url"`
	SignatureSecret bool     `json:"hasSignatureSecret"`
	Headers         []string `json:"headerNames"`
}

func newShownConnector(c dtapi.Connector) shownConnector {
	s := shownConnector{
		Name: string(c.Name), DisplayName: c.DisplayName, Type: c.Type, Status: string(c.Status),
		Events: notNil(c.Events), Labels: notNil(c.Labels),
	}
	if h := c.HTTP; h != nil {
		s.HTTP = &shownHTTP{URL: dtapi.RedactURL(h.URL), SignatureSecret: !h.SignatureSecret.IsZero(), Headers: sortedKeys(h.Headers)}
	}
	return s
}

// show prints one connector.
func (a *app) showConnector(c dtapi.Connector) {
	s := newShownConnector(c)
	if a.json {
		a.encode(a.Stdout, s)
		return
	}
	rows := [][]string{
		{"name", s.Name}, {"display name", s.DisplayName}, {"type", s.Type}, {"status", s.Status},
		{"events", orElse(s.Events, "all")}, {"labels", orElse(s.Labels, "none")},
	}
	if h := s.HTTP; h != nil {
		secret := "none: its requests can be verified by the asymmetric signature only"
		if h.SignatureSecret {
			secret = "set"
		}
		rows = append(rows, []string{"url", h.URL}, []string{"secret", secret}, []string{"headers", orElse(h.Headers, "none")})
	}
	a.table(nil, rows)
}

func orElse(names []string, none string) string {
	if len(names) == 0 {
		return none
	}
	return strings.Join(names, ", ")
}

func notNil(names []string) []string {
	if names == nil {
		return []string{}
	}
	return names
}
