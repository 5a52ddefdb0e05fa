package command

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dt-functions/dt-functions/local/dtcloud"
)

type cloudFlags struct {
	listen  string
	speed   float64
	seed    uint64
	envFile string
	faults  dtcloud.APIFaults
}

func (a *app) cloud() *cobra.Command {
	var f cloudFlags
	cmd := &cobra.Command{
		Use:   "cloud",
		Short: "Run the simulated DT Cloud alone, with its REST API",
		Long: `cloud runs a simulated DT Cloud on this machine: a project with 26 sensors, DT's
REST API, and delivery to whatever connectors are made by it. It prints the
settings with which dtfn, or any client of DT's API, can use it.

` + exitCodeHelp,
		Example: `  dtfn cloud > cloud.env &
  set -a; . ./cloud.env; set +a
  dtfn connector create "$DTFN_PROJECT" --url http://127.0.0.1:8080/`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.runCloud(cmd.Context(), f) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.listen, "listen", "127.0.0.1:8081", "the API's address; :0 takes a free port")
	flags.Float64Var(&f.speed, "speed", 1, "how many times faster the simulated time passes")
	flags.Uint64Var(&f.seed, "seed", 0, "make the simulation repeatable; 0 is another one each time")
	flags.StringVar(&f.envFile, "env-file", "", "write the settings to a `FILE` instead")
	flags.Float64Var(&f.faults.Error, "api-errors", 0, "how many requests are answered with 500, 503 or 504, from 0 to 1")
	flags.Float64Var(&f.faults.TooMany, "api-too-many", 0, "how many requests are answered with 429, from 0 to 1")
	flags.Float64Var(&f.faults.Torn, "api-torn", 0, "how many connections are torn, from 0 to 1")
	flags.Float64Var(&f.faults.ExpireTokens, "api-expired", 0, "how many requests end their access token, from 0 to 1")
	flags.DurationVar(&f.faults.Latency, "api-latency", 0, "how much later every answer comes")
	return cmd
}

func (a *app) runCloud(ctx context.Context, f cloudFlags) error {
	sim, err := newSimulation(ctx, a.Now, simulationConfig{
		listen: f.listen, speed: f.speed, seed: f.seed, apiFaults: f.faults,
	})
	if err != nil {
		return misuse(err)
	}
	switch {
	case f.envFile != "":
		err = sim.writeEnvironment(f.envFile)
	case a.json:
		a.encode(a.Stdout, sim.environment())
	default:
		_, err = fmt.Fprint(a.Stdout, sim.exports())
	}
	if err == nil {
		err = sim.run(ctx)
	}
	if closed := sim.close(); err == nil {
		err = closed
	}
	return err
}

// environment returns the settings with which clients can use the simulation.
func (s *simulation) environment() map[string]string {
	env := map[string]string{
		"DT_API_URL":                s.url + dtcloud.APIPath,
		"DT_TOKEN_URL":              s.url + dtcloud.TokenPath,
		"DT_SERVICE_ACCOUNT_KEY_ID": s.account.KeyID,
		"DT_SERVICE_ACCOUNT_SECRET": s.account.Secret.Reveal(),
		"DT_SERVICE_ACCOUNT_EMAIL":  s.account.Email,
		"DTFN_PROJECT":              s.project,
		"DT_ORGANIZATION_ID":        s.cloud.Organization(),
		"DT_OIDC_ISSUER":            s.cloud.Issuer(),
	}
	if s.connector != "" {
		env["DT_CONNECTORS"] = s.connector
	}
	return env
}

// exports returns the environment as lines that a shell can read. No value has a
// character that a shell would take for something else.
func (s *simulation) exports() string {
	var b strings.Builder
	env := s.environment()
	for _, name := range sortedKeys(env) {
		fmt.Fprintf(&b, "%s=%s\n", name, env[name])
	}
	return b.String()
}

// writeEnvironment writes the environment to a file, for its owner's eyes alone.
func (s *simulation) writeEnvironment(path string) error {
	path, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	temporary := path + ".new"
	if err := os.WriteFile(temporary, []byte(s.exports()), 0o600); err != nil {
		return err
	}
	return os.Rename(temporary, path)
}
