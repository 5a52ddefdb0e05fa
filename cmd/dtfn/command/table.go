package command

import (
	"bufio"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
)

// table prints rows in columns, below head unless that is nil.
func (a *app) table(head []string, rows [][]string) {
	w := tabwriter.NewWriter(a.Stdout, 0, 0, 2, ' ', 0)
	if head != nil {
		rows = slices.Insert(slices.Clone(rows), 0, head)
	}
	for _, row := range rows {
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	_ = w.Flush() // a reader who has gone is no error
}

// confirm asks a question and returns whether the answer was yes. Who cannot be
// asked has to say so beforehand, by --yes.
func (a *app) confirm(yes bool, question string) error {
	if yes {
		return nil
	}
	if !isTerminal(a.Stdin) {
		return misusef("this needs to be confirmed, and there is no terminal to ask: add --yes")
	}
	fmt.Fprintf(a.Stderr, "%s [y/N] ", question)
	answer, _ := bufio.NewReader(a.Stdin).ReadString('\n')
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	return misusef("not confirmed, so nothing was done")
}

func sortedKeys[V any](m map[string]V) []string {
	return slices.AppendSeq([]string{}, slices.Values(slices.Sorted(maps.Keys(m))))
}
