// Package command holds the commands of dtfn, one file each.
package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/dt-functions/dt-functions/shared/settings"
)

// The exit codes, of every command.
const (
	exitOK      = 0
	exitFailed  = 1 // what was asked for did not succeed
	exitMisused = 2 // wrong flags, arguments or settings; nothing was tried
)

const exitCodeHelp = `Exit codes:
  0  it succeeded
  1  it did not succeed: a refused signature, an unanswered request, an error on the way
  2  wrong flags, arguments or settings; nothing was tried`

// A Process is the world around a command.
type Process struct {
	Args    []string
	Environ []string
	Stdin   io.Reader
	Stdout  io.Writer
	Stderr  io.Writer
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Run runs dtfn and returns its exit code. It stops when ctx ends.
func Run(ctx context.Context, p Process) int {
	if p.Now == nil {
		p.Now = time.Now
	}
	a := &app{Process: p, env: settings.FromEnviron(p.Environ)}
	root := a.root()
	root.SetArgs(p.Args)
	root.SetIn(p.Stdin)
	root.SetOut(p.Stdout)
	root.SetErr(p.Stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	return a.report(err)
}

// An app is one run of dtfn.
type app struct {
	Process
	env  settings.Environment
	json bool // --json
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "dtfn",
		Short: "Receive sensor data from Disruptive Technologies in your own cloud",
		Long: `dtfn runs the receive function on this machine, feeds it with a simulated DT
Cloud, signs and verifies requests, and shows what was stored.

` + exitCodeHelp,
		Version:       version(),
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          misusedArgs(cobra.NoArgs),
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.PersistentFlags().BoolVar(&a.json, "json", false, "print JSON, one object a line, for programs")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return misuse(err) })
	root.AddCommand(
		a.run(), a.receive(), a.send(), a.verify(), a.events(),
		a.connector(), a.sync(), a.configure(), a.recover(), a.doctor(), a.cloud(),
	)
	for _, c := range root.Commands() {
		c.Args = misusedArgs(c.Args)
		for _, sub := range c.Commands() {
			sub.Args = misusedArgs(sub.Args)
		}
	}
	return root
}

// version returns the version that the program was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	return info.Main.Version
}

// A misuseError is a fault of whoever called.
type misuseError struct{ error }

func (e misuseError) Unwrap() error { return e.error }

func misuse(err error) error { return misuseError{err} }

func misusef(format string, args ...any) error { return misuse(fmt.Errorf(format, args...)) }

func misusedArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return misuse(err)
		}
		return nil
	}
}

// errReported ends a command that has already said, on standard output, why it
// did not succeed.
var errReported = errors.New("already reported")

// report says what went wrong and returns the exit code.
func (a *app) report(err error) int {
	if errors.Is(err, errReported) {
		return exitFailed
	}
	code, kind := exitFailed, "failed"
	var wrong *settings.Error
	var misused misuseError
	if errors.As(err, &misused) || errors.As(err, &wrong) {
		code, kind = exitMisused, "misused"
	}
	// A fault in the flags may have kept --json from being read.
	if a.json || slices.Contains(a.Args, "--json") {
		a.encode(a.Stderr, failure{kind, err.Error()})
		return code
	}
	fmt.Fprintf(a.Stderr, "dtfn: %v\n", err)
	return code
}

type failure struct {
	Error   string `json:"error"`
	Message string `json:"message"`
}

// encode writes v as a line of JSON. A reader who has gone is no error.
func (a *app) encode(w io.Writer, v any) {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(v)
}
