package command

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/dt-functions/dt-functions/functions/configure"
	"github.com/dt-functions/dt-functions/shared/dtapi"
	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/settings"
)

func (a *app) configure() *cobra.Command {
	var dryRun bool
	cmd := &cobra.Command{
		Use:   "configure",
		Short: "Bring the connectors in DT_CONNECTORS to DT_CONNECTOR_CONFIG",
		Long: `configure compares each connector with the wanted settings, shows the difference,
changes only what differs, and reads it back. A second run changes nothing. It is
the scheduled function configure, run once.

` + exitCodeHelp,
		Example: `  DT_CONNECTORS=projects/P/dataconnectors/C DT_CONNECTOR_CONFIG='{"events":["temperature"]}' dtfn configure --dry-run`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := settings.LoadConfigure(a.env)
			if err != nil {
				return err
			}
			for _, warning := range s.Warnings {
				fmt.Fprintln(a.Stderr, "dtfn:", warning)
			}
			return a.runConfigure(cmd.Context(), configure.Config{Connectors: s.Connectors, Wanted: s.Wanted, DryRun: dryRun})
		},
	}
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "show what would be changed, and change nothing")
	return cmd
}

const configHelp = `The wanted settings are JSON, in a file or on standard input: any of displayName,
status (ACTIVE or USER_DISABLED), events, labels, and httpConfig with url and headers.
What is left out stays as it is. The signature secret comes from DT_SIGNATURE_SECRET
if it is set.`

func (a *app) connectorDiff() *cobra.Command {
	return a.applyCommand("diff", "Show how connectors differ from wanted settings", true)
}

func (a *app) connectorApply() *cobra.Command {
	return a.applyCommand("apply", "Bring connectors to wanted settings", false)
}

func (a *app) applyCommand(name, short string, dryRun bool) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:     name + " CONNECTOR… --config FILE",
		Short:   short,
		Long:    short + ".\n\n" + configHelp,
		Example: "  echo '{\"events\":[\"temperature\"]}' | dtfn connector " + name + " --config - projects/P/dataconnectors/C",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			names, err := parseConnectors(args)
			if err != nil {
				return err
			}
			change, err := a.readConfig(file)
			if err != nil {
				return err
			}
			wanted := make(map[dtapi.ConnectorName]dtapi.Change)
			for _, name := range names {
				wanted[name] = change
			}
			return a.runConfigure(cmd.Context(), configure.Config{Connectors: names, Wanted: wanted, DryRun: dryRun})
		},
	}
	cmd.Flags().StringVar(&file, "config", "", "the wanted settings' `FILE`, or - for standard input")
	return cmd
}

// readConfig reads wanted settings from a file.
func (a *app) readConfig(file string) (dtapi.Change, error) {
	if file == "" {
		return dtapi.Change{}, misusef("--config: name the file with the wanted settings, or - for standard input")
	}
	in := a.Stdin
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return dtapi.Change{}, misusef("--config: %w", err)
		}
		defer f.Close()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, 1<<20))
	if err != nil {
		return dtapi.Change{}, fmt.Errorf("--config: %w", err)
	}
	change, err := settings.ParseConnectorConfig(text)
	if err != nil {
		return dtapi.Change{}, err
	}
	if own := a.env["DT_SIGNATURE_SECRET"]; own != "" && change.SignatureSecret == nil {
		s := secret.New(own)
		change.SignatureSecret = &s
	}
	if change.IsZero() {
		return dtapi.Change{}, misusef("--config: nothing is wanted in it, and DT_SIGNATURE_SECRET is not set either")
	}
	return change, nil
}

// runConfigure runs the function configure and shows its report.
func (a *app) runConfigure(ctx context.Context, c configure.Config) error {
	var err error
	if c.Client, err = a.client(); err != nil {
		return err
	}
	f, err := configure.New(c)
	if err != nil {
		return err
	}
	report, err := f.Run(ctx)
	if a.json {
		a.encode(a.Stdout, report)
	} else {
		a.showChanges(report)
	}
	if err != nil {
		return errReported
	}
	return nil
}

// showChanges prints what differs as a diff, in colours on a terminal.
func (a *app) showChanges(report configure.Report) {
	paint := func(colour, text string) string { return text }
	if isTerminal(a.Stdout) && a.env["NO_COLOR"] == "" {
		paint = func(colour, text string) string { return "\x1b[" + colour + "m" + text + "\x1b[0m" }
	}
	const red, green = "31", "32"
	for _, c := range report.Connectors {
		result := "as wanted, nothing to change"
		switch {
		case c.Error != "":
			result = paint(red, c.Error)
		case c.Changed:
			result = "changed"
		case len(c.Differences) > 0:
			result = "would be changed"
		}
		fmt.Fprintf(a.Stdout, "%s: %s\n", c.Connector, result)
		for _, d := range c.Differences {
			fmt.Fprintf(a.Stdout, "  %s\n", d.Path)
			fmt.Fprintln(a.Stdout, paint(red, "  - "+d.Is))
			fmt.Fprintln(a.Stdout, paint(green, "  + "+d.Wanted))
		}
	}
}
