// Package metrics tells what the server counts, in Prometheus' text format.
//
// The format is written here: the official client library would be the largest
// dependency of the server, for a handful of numbers that are counted anyway. The
// tests read them with the official parser.
package metrics

import (
	"bufio"
	"io"
	"strconv"
	"strings"
)

// ContentType is that of the text format (Prometheus, "Exposition formats").
const ContentType = "text/plain; version=0.0.4; charset=utf-8"

// A Kind says how a family's numbers are to be read.
type Kind string

const (
	// Counter: only ever rises.
	Counter Kind = "counter"
	// Gauge: rises and falls.
	Gauge Kind = "gauge"
	// Histogram: how many were at most so much.
	Histogram Kind = "histogram"
)

// A Family is all that is counted under one name.
type Family struct {
	Name    string
	Help    string
	Kind    Kind
	Samples []Sample
}

// A Sample is one number.
type Sample struct {
	Suffix string // of the family's name, for histograms
	Labels []Label
	Value  float64
}

// A Label tells samples of a family apart.
type Label struct{ Name, Value string }

// Write writes families in the text format. A family without samples is left out.
func Write(w io.Writer, families []Family) error {
	b := bufio.NewWriter(w)
	for _, f := range families {
		if len(f.Samples) == 0 {
			continue
		}
		b.WriteString("# HELP " + f.Name + " " + escape(f.Help, `\`, `\\`, "\n", `\n`) + "\n")
		b.WriteString("# TYPE " + f.Name + " " + string(f.Kind) + "\n")
		for _, s := range f.Samples {
			b.WriteString(f.Name + s.Suffix)
			writeLabels(b, s.Labels)
			b.WriteString(" " + strconv.FormatFloat(s.Value, 'g', -1, 64) + "\n")
		}
	}
	return b.Flush()
}

func writeLabels(b *bufio.Writer, labels []Label) {
	if len(labels) == 0 {
		return
	}
	separator := "{"
	for _, l := range labels {
		b.WriteString(separator + l.Name + `="` + escape(l.Value, `\`, `\\`, "\n", `\n`, `"`, `\"`) + `"`)
		separator = ","
	}
	b.WriteString("}")
}

// escape replaces pairs, and what is not UTF-8, which the format has not.
func escape(text string, pairs ...string) string {
	return strings.NewReplacer(pairs...).Replace(strings.ToValidUTF8(text, "\uFFFD"))
}
