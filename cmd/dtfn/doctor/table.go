package doctor

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// A Table shows results to people, each as soon as there is one: a line with the status,
// the check and what was found, and below it the remedy. A writer that fails is no
// error: the reader has gone.
type Table struct {
	out     io.Writer
	colour  bool
	results []Result
	subject string // the connector that the lines are about
}

// NewTable returns a Table that writes to out, in colours or without.
func NewTable(out io.Writer, colour bool) *Table { return &Table{out: out, colour: colour} }

// The columns, in characters.
const (
	statusWidth = 6
	checkWidth  = 22
	textWidth   = 72
)

// Add shows a result.
func (t *Table) Add(r Result) {
	t.results = append(t.results, r)
	found := r.Found
	switch {
	case strings.HasPrefix(r.Check, CheckConnector) && r.Subject != "":
		if r.Subject != t.subject {
			fmt.Fprintf(t.out, "%*s%s\n", statusWidth, "", r.Subject)
		}
		t.subject = r.Subject
	case r.Subject != "":
		found = r.Subject + ": " + found
	}
	head := t.paint(r.Status) + fmt.Sprintf("%-*s", checkWidth, r.Check)
	for _, line := range wrap(found, textWidth) {
		fmt.Fprintln(t.out, head+line)
		head = strings.Repeat(" ", statusWidth+checkWidth)
	}
	head += "→ "
	for _, line := range wrap(r.Remedy, textWidth-2) {
		fmt.Fprintln(t.out, head+line)
		head = strings.Repeat(" ", statusWidth+checkWidth+2)
	}
}

// End shows what it comes to.
func (t *Table) End() {
	failed, warned, skipped := count(t.results, Fail), count(t.results, Warn), count(t.results, Skip)
	var parts []string
	for _, part := range []struct {
		n         int
		one, many string
	}{{failed, "fault", "faults"}, {warned, "warning", "warnings"}, {skipped, "check not made", "checks not made"}} {
		switch part.n {
		case 0:
		case 1:
			parts = append(parts, "1 "+part.one)
		default:
			parts = append(parts, fmt.Sprintf("%d %s", part.n, part.many))
		}
	}
	text := fmt.Sprintf("All %d checks are well.", len(t.results))
	if len(parts) > 0 {
		text = strings.Join(parts, ", ") + "."
	}
	for _, r := range t.results {
		if r.Status == Fail {
			text += " Begin with " + r.Check + "."
			break
		}
	}
	fmt.Fprintf(t.out, "\n%s\n", text)
}

// paint returns the status at its width, coloured by how good it is.
func (t *Table) paint(s Status) string {
	text := fmt.Sprintf("%-*s", statusWidth, s)
	colour := map[Status]string{OK: "32", Warn: "33", Skip: "90", Fail: "31"}[s]
	if !t.colour || colour == "" {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

// wrap breaks a text at blanks into lines of at most width characters; a word that is
// longer has a line of its own. "" has no lines.
func wrap(text string, width int) []string {
	var lines []string
	for word := range strings.FieldsSeq(text) {
		last := len(lines) - 1
		if last >= 0 && utf8.RuneCountInString(lines[last])+1+utf8.RuneCountInString(word) <= width {
			lines[last] += " " + word
			continue
		}
		lines = append(lines, word)
	}
	return lines
}
