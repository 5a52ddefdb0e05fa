// Package schedule runs functions at times that cron expressions name, in one of
// several instances of a program at a time.
package schedule

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/adhocore/gronx"
)

// A Plan says when functions run.
type Plan struct{ Entries []Entry }

// An Entry is one function's times.
type Entry struct {
	Function   string
	expression string // five fields
}

// form is what a plan must look like.
const form = "want FUNCTION=TIMES, several separated by semicolons, such as sync=0 3 * * *; recover=*/5 * * * *; configure=@hourly"

// names of expressions (crontab(5), "Extensions"), without @reboot.
func named(name string) (expression string, ok bool) {
	switch name {
	case "@yearly", "@annually":
		return "0 0 1 1 *", true
	case "@monthly":
		return "0 0 1 * *", true
	case "@weekly":
		return "0 0 * * 0", true
	case "@daily", "@midnight":
		return "0 0 * * *", true
	case "@hourly":
		return "0 * * * *", true
	}
	return "", false
}

// Parse reads a plan for the functions that there are, such as
// "sync=0 3 * * *; recover=*/5 * * * *; configure=@hourly". Times are in UTC: five
// fields, minute, hour, day of month, month and day of week, as crontab(5) has them,
// or a name such as @daily. The error holds everything that is wrong.
func Parse(text string, functions []string) (Plan, error) {
	var plan Plan
	var errs []error
	for part := range strings.SplitSeq(text, ";") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		entry, err := parseEntry(part, functions)
		if err == nil && slices.ContainsFunc(plan.Entries, func(e Entry) bool { return e.Function == entry.Function }) {
			err = errors.New("is there twice; put its times into one expression")
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%.60q: %w", part, err))
			continue
		}
		plan.Entries = append(plan.Entries, entry)
	}
	if len(errs) > 0 {
		return Plan{}, errors.Join(errs...)
	}
	return plan, nil
}

func parseEntry(text string, functions []string) (Entry, error) {
	function, expression, ok := strings.Cut(text, "=")
	function = strings.TrimSpace(function)
	switch {
	case !ok:
		return Entry{}, errors.New("has no =; " + form)
	case !slices.Contains(functions, function):
		return Entry{}, fmt.Errorf("is for no function that there is; there are %s", strings.Join(functions, ", "))
	}
	e := Entry{Function: function}
	var err error
	if e.expression, err = normalize(expression); err != nil {
		return Entry{}, err
	}
	// One that never comes is a mistake, such as the 30th of February.
	if _, err := e.Next(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)); err != nil {
		return Entry{}, errors.New("these times never come")
	}
	return e, nil
}

// normalize returns an expression as five fields. What the library takes beyond
// crontab(5), such as seconds, years and L, is refused: other schedulers, and the
// next one here, would not take it.
func normalize(expression string) (string, error) {
	fields := strings.Fields(strings.ToLower(expression))
	if len(fields) == 1 && strings.HasPrefix(fields[0], "@") {
		if five, ok := named(fields[0]); ok {
			return five, nil
		}
		return "", errors.New("has a name that is none of @yearly, @monthly, @weekly, @daily, @hourly")
	}
	if len(fields) != 5 {
		return "", fmt.Errorf("has %d fields instead of five: minute, hour, day of month, month, day of week", len(fields))
	}
	for i, field := range fields {
		if err := checkField(i, field); err != nil {
			return "", err
		}
	}
	// cron(8) runs when either fits, others when both do, and it depends on the
	// asterisk which.
	if fields[2] != "*" && fields[4] != "*" {
		return "", errors.New("has a day of month and a day of week, which no two schedulers take alike; let one be *")
	}
	five := strings.Join(fields, " ")
	if !gronx.IsValid(five) {
		return "", errors.New("has a field that is out of its range, or cannot be read: minute 0-59, hour 0-23, day of month 1-31, month 1-12, day of week 0-7")
	}
	return five, nil
}

// Next returns the first of the entry's times after t. An error means that there is
// none.
func (e Entry) Next(t time.Time) (time.Time, error) {
	next, err := gronx.NextTickAfter(e.expression, t.UTC(), false)
	if err != nil || !next.After(t) {
		return time.Time{}, fmt.Errorf("%s: no time after %v fits %q", e.Function, t, e.expression)
	}
	return next, nil
}

// String returns the entry as it can be parsed again.
func (e Entry) String() string { return e.Function + "=" + e.expression }
