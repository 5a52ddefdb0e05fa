package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/dt-functions/dt-functions/cmd/dtfn/doctor"
	"github.com/dt-functions/dt-functions/cmd/dtfn/doctor/platform"
	"github.com/dt-functions/dt-functions/shared/dtapi"
)

type doctorFlags struct {
	input, endpoint, cloud, secret      string
	sinks, connectors, settings, ignore []string
	wait                                time.Duration
	strict                              bool
}

func (a *app) doctor() *cobra.Command {
	var f doctorFlags
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Find out what is wrong with a deployment",
		Long: `doctor looks at a deployment from outside: the endpoint and its certificate, that
what is not signed is refused, the clocks, the way of a signed event into the sinks,
the connectors and the schedules. Each fault comes with its remedy; the first one is
where to begin.

It reads what ` + "`terraform output -json`" + ` prints. With --endpoint and without --input it
is told by flags instead and, for what they leave out, by the settings of receive in
the environment: DT_SINK, DT_CONNECTORS, DT_EVENT_TYPES and so on.

It sends one synthetic event, of the device ` + doctor.Device + ` and with a label of that
name, and removes it from the sink where that is possible without risk.

The signature secret is DT_SIGNATURE_SECRET or read from the platform's secret store;
connectors are looked at with DT_SERVICE_ACCOUNT_*. No secret is shown.

Exit codes:
  0  nothing failed
  1  a check failed, or doctor was interrupted
  2  wrong flags or input; nothing was tried`,
		Example: `  terraform output -json | dtfn doctor
  dtfn doctor --endpoint https://example.com/dt --sink sqlite:///data/events.db
  dtfn doctor --json < outputs.json | jq 'select(.status == "FAIL")'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.runDoctor(cmd.Context(), f) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.input, "input", "", "read the outputs of Terraform from `FILE`; - is standard input (the default without --endpoint)")
	flags.StringVar(&f.endpoint, "endpoint", "", "the `URL` that the connector posts to")
	flags.StringVar(&f.cloud, "cloud", "", "the platform, for remedies: aws, gcp, azure, ibm or heroku")
	flags.StringArrayVar(&f.sinks, "sink", nil, "a sink's `URL`, as in DT_SINK; repeatable")
	flags.StringArrayVar(&f.connectors, "connector", nil, "a connector, `projects/P/dataconnectors/C`; repeatable")
	flags.StringArrayVar(&f.settings, "settings", nil, "a setting of receive, `NAME=VALUE`, such as DT_EVENT_TYPES=touch; repeatable")
	flags.StringVar(&f.secret, "secret-reference", "", "where the signature secret is, `REFERENCE` such as aws-secretsmanager://ARN (default $DT_SIGNATURE_SECRET)")
	flags.DurationVar(&f.wait, "wait", doctor.DefaultWait, "how long the event is looked for in the sinks")
	flags.StringArrayVar(&f.ignore, "ignore", nil, "show a known fault as a warning: `CHECK` or CHECK=SUBJECT, such as schedule=recover; repeatable")
	flags.BoolVar(&f.strict, "strict", false, "let warnings, and checks that cannot be made, be failures too")
	return cmd
}

func (a *app) runDoctor(ctx context.Context, f doctorFlags) error {
	d, err := a.deployment(f)
	if err != nil {
		return misuse(err)
	}
	var ignore []doctor.Pattern
	for _, text := range f.ignore {
		pattern, err := doctor.ParsePattern(text)
		if err != nil {
			return misusef("--ignore: %w", err)
		}
		ignore = append(ignore, pattern)
	}
	p := platform.New(platform.Config{Env: a.env, Now: a.Now})
	defer p.Close()
	table := doctor.NewTable(a.Stdout, isTerminal(a.Stdout) && a.env["NO_COLOR"] == "")
	seen := table.Add
	if a.json {
		seen = func(r doctor.Result) { a.encode(a.Stdout, r) }
	}
	results, err := doctor.Run(ctx, doctor.Config{
		Deployment: d, Env: a.env, ReadSecret: p.Secret, Finders: p.Finders(),
		Now: a.Now, Wait: f.wait, Ignore: ignore, Seen: seen,
	})
	if err != nil {
		return fmt.Errorf("interrupted before all checks were made: %w", err)
	}
	if !a.json {
		table.End()
	}
	if doctor.Failed(results) || f.strict && !doctor.Clean(results) {
		return errReported
	}
	return nil
}

// deployment returns what Terraform's outputs or the environment say, and above them
// what flags say.
func (a *app) deployment(f doctorFlags) (d doctor.Deployment, err error) {
	if f.wait <= 0 {
		return d, fmt.Errorf("--wait: want more than 0, got %v", f.wait)
	}
	if f.input == "" && f.endpoint != "" {
		if d, err = doctor.FromEnvironment(a.env); err != nil {
			return d, err
		}
	} else {
		text, err := a.outputs(f.input)
		if err != nil {
			return d, err
		}
		if d, err = doctor.ParseDeployment(text); err != nil {
			return d, err
		}
	}
	d.Endpoint = cmp.Or(f.endpoint, d.Endpoint)
	d.Cloud = cmp.Or(f.cloud, d.Cloud)
	d.SignatureSecret = cmp.Or(f.secret, d.SignatureSecret)
	for _, rawURL := range f.sinks {
		// It is not shown: there may be a password in it.
		if u, err := url.Parse(rawURL); err != nil || u.Scheme == "" {
			return d, errors.New("--sink: want a URL as in DT_SINK, such as sqlite:///data/events.db")
		}
	}
	if len(f.sinks) > 0 {
		d.Sinks = f.sinks
	}
	for _, name := range f.connectors {
		if _, err := dtapi.ParseConnectorName(name); err != nil {
			return d, fmt.Errorf("--connector: %w", err)
		}
	}
	if len(f.connectors) > 0 {
		d.Connectors = f.connectors
	}
	for _, setting := range f.settings {
		name, value, ok := strings.Cut(setting, "=")
		if !ok || !slices.Contains(doctor.SettingNames(), name) {
			return d, fmt.Errorf("--settings: want NAME=VALUE, the name one of %s", strings.Join(doctor.SettingNames(), ", "))
		}
		if d.Settings == nil {
			d.Settings = make(map[string]string)
		}
		d.Settings[name] = value
	}
	return d, nil
}

// outputs reads what Terraform has printed.
func (a *app) outputs(file string) ([]byte, error) {
	const longest = 16 << 20
	in := a.Stdin
	switch {
	case file != "" && file != "-":
		f, err := os.Open(file)
		if err != nil {
			return nil, fmt.Errorf("--input: %w", err)
		}
		defer f.Close()
		in = f
	case file == "" && isTerminal(a.Stdin):
		return nil, errors.New("there is nothing to look at: pipe `terraform output -json` in, or give --endpoint")
	}
	text, err := io.ReadAll(io.LimitReader(in, longest))
	if err != nil {
		return nil, fmt.Errorf("the input cannot be read: %w", err)
	}
	return text, nil
}
