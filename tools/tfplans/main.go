// Command tfplans reads what `terraform test -json -verbose` prints, and holds every plan
// and state in it to rules that no assertion could name one by one:
//
//   - A secret that the tests have planted (its text begins with "planted-") is nowhere
//     but in attributes that are made for secrets, and there it is marked sensitive.
//   - A run called "again" changes nothing.
//   - A run called "changed_source" changes what holds the source, and nothing else.
//
// It prints how many runs passed, and the output of those that did not.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "tfplans:", err)
		os.Exit(1)
	}
}

// A message is a line of terraform's, as far as it is used here.
type message struct {
	Type       string  `json:"type"`
	File       string  `json:"@testfile"`
	Run        string  `json:"@testrun"`
	Plan       *plan   `json:"test_plan"`
	State      *module `json:"test_state"`
	Diagnostic *struct {
		Severity string `json:"severity"`
		Summary  string `json:"summary"`
		Detail   string `json:"detail"`
	} `json:"diagnostic"`
	Summary *struct {
		Status                           string
		Passed, Failed, Errored, Skipped int
	} `json:"test_summary"`
}

func (m message) String() string { return m.File + ", run " + m.Run }

func run(in io.Reader, out io.Writer) error {
	lines := bufio.NewReader(in)
	var errs []error
	planted, again, changed, ended := 0, 0, 0, false
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) == 0 && errors.Is(err, io.EOF) {
			break
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		var m message
		if err := json.Unmarshal(line, &m); err != nil {
			return fmt.Errorf("terraform has printed %.200q: %w", line, err)
		}
		switch {
		case m.Diagnostic != nil && m.Diagnostic.Severity == "error":
			errs = append(errs, fmt.Errorf("%s: %s: %s", m, m.Diagnostic.Summary, m.Diagnostic.Detail))
		case m.Plan != nil:
			found, err := m.Plan.secrets()
			planted += found
			if err == nil && m.Run == "again" {
				again++
				err = m.Plan.nothing()
			}
			if err == nil && m.Run == "changed_source" {
				changed++
				err = m.Plan.sourceAlone()
			}
			if err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", m, err))
			}
		case m.State != nil:
			found, err := m.State.secrets()
			planted += found
			if err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", m, err))
			}
		case m.Summary != nil:
			ended = true
			s := m.Summary
			fmt.Fprintf(out, "%d passed, %d failed, %d skipped; %d plans that change nothing, %d of a changed source; planted secrets seen %d times, where they may be\n",
				s.Passed, s.Failed+s.Errored, s.Skipped, again, changed, planted)
			if s.Status != "pass" || s.Skipped > 0 {
				errs = append(errs, errors.New("not all runs have passed"))
			}
		}
	}
	if !ended {
		errs = append(errs, errors.New("terraform test has not come to its end"))
	}
	return errors.Join(errs...)
}
