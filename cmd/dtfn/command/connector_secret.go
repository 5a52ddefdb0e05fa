package command

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dt-functions/dt-functions/shared/dtapi"
	"github.com/dt-functions/dt-functions/shared/secret"
)

func (a *app) connectorRotateSecret() *cobra.Command {
	var file string
	var yes bool
	cmd := &cobra.Command{
		Use:   "rotate-secret CONNECTOR…",
		Short: "Let connectors sign with another secret",
		Long: `rotate-secret lets connectors sign with the secret in DT_SIGNATURE_SECRET, or in a
file. It is the second of three steps, in which no event is refused:

  1. Give the receiver both: DT_SIGNATURE_SECRET the new secret, and
     DT_SIGNATURE_SECRET_PREVIOUS the old one. Wait until all of it runs with them.
  2. dtfn connector rotate-secret
  3. After 12 hours, in which DT may still send what it signed with the old secret,
     take DT_SIGNATURE_SECRET_PREVIOUS away.`,
		Example: `  openssl rand -hex 32 > new-secret
  dtfn connector rotate-secret --secret-file new-secret projects/P/dataconnectors/C`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.runRotateSecret(cmd.Context(), args, file, yes)
		},
	}
	cmd.Flags().StringVar(&file, "secret-file", "", "read the new secret from `FILE`, or from standard input with -")
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask whether the receiver accepts the new secret")
	return cmd
}

func (a *app) runRotateSecret(ctx context.Context, args []string, file string, yes bool) error {
	next, err := a.readSecret(file)
	if err != nil {
		return err
	}
	if next.IsZero() {
		return misusef("there is no new secret: set DT_SIGNATURE_SECRET, or use --secret-file")
	}
	if err := a.confirm(yes, "Does the receiver accept both the new secret and the old one already?"); err != nil {
		return err
	}
	return a.each(ctx, args, func(ctx context.Context, client *dtapi.Client, name dtapi.ConnectorName) error {
		is, err := client.Connector(ctx, name)
		switch {
		case err != nil:
			return err
		case is.HTTP == nil:
			return fmt.Errorf("it is of type %s, which has no signature secret", is.Type)
		case is.HTTP.SignatureSecret.Reveal() == next.Reveal():
			a.done(name, "unchanged: it signs with this secret already")
			return nil
		}
		if _, err := client.UpdateConnector(ctx, name, dtapi.Change{SignatureSecret: &next}); err != nil {
			return err
		}
		if is, err = client.Connector(ctx, name); err != nil {
			return fmt.Errorf("reading it back: %w", err)
		}
		if is.HTTP == nil || is.HTTP.SignatureSecret.Reveal() != next.Reveal() {
			return fmt.Errorf("it was changed, but does not sign with this secret")
		}
		a.done(name, "signs with the new secret")
		return nil
	})
}

// readSecret returns the signature secret in a file, or in DT_SIGNATURE_SECRET if
// none is named. A line break at the end of a file is not a part of it.
func (a *app) readSecret(file string) (secret.Text, error) {
	if file == "" {
		return secret.New(a.env["DT_SIGNATURE_SECRET"]), nil
	}
	const longest = 4096
	in := a.Stdin
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return secret.Text{}, misusef("--secret-file: %w", err)
		}
		defer f.Close()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, longest+1))
	if err != nil {
		return secret.Text{}, fmt.Errorf("--secret-file: %w", err)
	}
	trimmed := strings.TrimRight(string(text), "\r\n")
	if trimmed == "" || len(text) > longest || strings.TrimSpace(trimmed) != trimmed || strings.ContainsAny(trimmed, "\r\n") {
		return secret.Text{}, misusef("--secret-file: %s holds no secret: one line, at most %d bytes, no white space around it", file, longest)
	}
	return secret.New(trimmed), nil
}
