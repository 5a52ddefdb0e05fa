package schedule

import (
	"fmt"
	"strconv"
	"strings"
)

// Names of months and days (crontab(5)).
const (
	months = "jan feb mar apr may jun jul aug sep oct nov dec"
	days   = "sun mon tue wed thu fri sat"
)

// checkField checks that a field is made of *, numbers, names, ranges, lists and
// steps, and of nothing else.
func checkField(position int, field string) error {
	for part := range strings.SplitSeq(field, ",") {
		rest, step, stepped := strings.Cut(part, "/")
		if stepped && (!number(step) || rest != "*" && !strings.Contains(rest, "-")) {
			return fmt.Errorf("has a step in %q that is not of the form */5 or 10-40/5", part)
		}
		if rest == "*" {
			continue
		}
		from, to, ranged := strings.Cut(rest, "-")
		if !value(position, from) || ranged && !value(position, to) {
			return fmt.Errorf("has %q in it, which is neither a number nor a name nor a range", part)
		}
	}
	return nil
}

func value(position int, text string) bool {
	switch position {
	case 3:
		return number(text) || name(text, months)
	case 4:
		return number(text) || name(text, days)
	}
	return number(text)
}

func name(text, names string) bool {
	return len(text) == 3 && strings.Contains(names, text) && !strings.Contains(text, " ")
}

func number(text string) bool {
	_, err := strconv.ParseUint(text, 10, 8)
	return err == nil && len(text) <= 2
}
