package command

import (
	"context"
	"net/textproto"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dt-functions/dt-functions/shared/dtapi"
	"github.com/dt-functions/dt-functions/shared/secret"
)

type createFlags struct {
	displayName string
	url         string
	events      []string
	labels      []string
	headers     []string
	secretFile  string
}

func (a *app) connectorCreate() *cobra.Command {
	var f createFlags
	cmd := &cobra.Command{
		Use:   "create PROJECT --url URL",
		Short: "Make a connector",
		Long: `create makes a connector that posts to a URL. It signs with the secret in
DT_SIGNATURE_SECRET, or in a file. It delivers at once: the receiver should be
there before.`,
		Example: `  DT_SIGNATURE_SECRET="$SECRET" dtfn connector create projects/c14u9p094l47cdv1o3pg --url https://receiver.example.com/`,
		Args:    cobra.ExactArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return a.runConnectorCreate(cmd.Context(), args[0], f) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.url, "url", "", "where it posts events: https")
	flags.StringVar(&f.displayName, "display-name", "dt-functions", "its name in DT Studio")
	flags.StringSliceVar(&f.events, "events", nil, "event types to deliver (default all)")
	flags.StringSliceVar(&f.labels, "labels", []string{"name"}, "keys of the labels to include")
	flags.StringArrayVar(&f.headers, "header", nil, "a header to send with each request, 'Name: value'; repeatable")
	flags.StringVar(&f.secretFile, "secret-file", "", "read the signature secret from `FILE`, or from standard input with -")
	return cmd
}

func (a *app) runConnectorCreate(ctx context.Context, project string, f createFlags) error {
	if f.url == "" {
		return misusef("--url: say where the connector is to post events")
	}
	signature, err := a.readSecret(f.secretFile)
	if err != nil {
		return err
	}
	headers, err := parseHeaders(f.headers)
	if err != nil {
		return err
	}
	client, err := a.client()
	if err != nil {
		return err
	}
	c, err := client.CreateConnector(ctx, project, dtapi.Connector{
		DisplayName: f.displayName, Type: dtapi.TypeHTTPPush, Status: dtapi.StatusActive,
		Events: notNil(f.events), Labels: notNil(f.labels),
		HTTP: &dtapi.HTTPConfig{URL: f.url, SignatureSecret: signature, Headers: headers},
	})
	if err != nil {
		return err
	}
	a.showConnector(c)
	return nil
}

// parseHeaders reads headers of the form 'Name: value', whose values may be keys.
func parseHeaders(texts []string) (map[string]secret.Text, error) {
	headers := make(map[string]secret.Text, len(texts))
	for _, text := range texts {
		name, value, ok := strings.Cut(text, ":")
		if name = strings.TrimSpace(name); !ok || name == "" {
			return nil, misusef("--header: want 'Name: value'")
		}
		headers[textproto.CanonicalMIMEHeaderKey(name)] = secret.New(strings.TrimSpace(value))
	}
	return headers, nil
}
