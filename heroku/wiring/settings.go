package wiring

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/dt-functions/dt-functions/functions/scheduled"
	"github.com/dt-functions/dt-functions/heroku/schedule"
	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/settings"
)

// Names of the variables that this program reads beside those of the settings
// package.
const (
	metricsPort  = "METRICS_PORT"
	databaseURL  = "DATABASE_URL"
	scheduleName = "DT_SCHEDULE"
)

// programSettings are what the server is set to beside what receive is.
type programSettings struct {
	settings.Server
	// MetricsPort is where /metrics is served (METRICS_PORT); -1 means nowhere.
	MetricsPort int
	// Plan is when functions run (DT_SCHEDULE).
	Plan schedule.Plan
}

// loadProgram reads the settings of the server. The error joins all that is wrong,
// each a *settings.Error.
func loadProgram(env settings.Environment) (programSettings, error) {
	server, err := settings.LoadServer(env)
	p := programSettings{Server: server, MetricsPort: -1}
	problems := []error{err}
	if text := strings.TrimSpace(env[metricsPort]); text != "" {
		n, err := strconv.ParseUint(text, 10, 16)
		switch {
		case err != nil:
			problems = append(problems, problem(metricsPort, fmt.Sprintf("%.40q is not a port", text), "a number from 0 to 65535; 0 takes any free port; not set, no numbers are served"))
		case int(n) == server.Port && n != 0:
			problems = append(problems, problem(metricsPort, "the same as PORT, which is public", "another port, that only who reads the numbers can reach"))
		}
		p.MetricsPort = int(n)
	}
	p.Plan, err = schedule.Parse(env[scheduleName], scheduled.Names())
	if err != nil {
		for line := range strings.Lines(err.Error()) {
			problems = append(problems, problem(scheduleName, strings.TrimSpace(line), "such as sync=0 3 * * *; recover=*/5 * * * *; configure=@hourly, in UTC"))
		}
	}
	return p, errors.Join(problems...)
}

// database returns where DATABASE_URL says the database is. Without a scheme that is
// PostgreSQL's it is another program's, and no sink is opened by it.
func database(env settings.Environment) secret.Text {
	return secret.New(strings.TrimSpace(env[databaseURL]))
}

func problem(variable, fault, accepted string) error {
	return &settings.Error{Problems: []settings.Problem{{Variable: variable, Fault: fault, Accepted: accepted}}}
}

// joinFaults joins errors, and what is wrong with settings into one, once: functions
// share most of theirs.
func joinFaults(errs ...error) error {
	var wrong settings.Error
	var others []error
	for _, err := range flatten(errs...) {
		var one *settings.Error
		if !errors.As(err, &one) {
			others = append(others, err)
			continue
		}
		for _, p := range one.Problems {
			if !slices.Contains(wrong.Problems, p) {
				wrong.Problems = append(wrong.Problems, p)
			}
		}
	}
	if len(wrong.Problems) > 0 {
		others = append([]error{&wrong}, others...)
	}
	return errors.Join(others...)
}

// flatten returns the errors that errs join.
func flatten(errs ...error) []error {
	var all []error
	for _, err := range errs {
		if joined, ok := err.(interface{ Unwrap() []error }); ok {
			all = append(all, flatten(joined.Unwrap()...)...)
		} else if err != nil {
			all = append(all, err)
		}
	}
	return all
}
