package settings

import (
	"maps"
	"slices"
	"strings"
)

// prefix is what the names of the bundle's variables begin with.
const prefix = "DT_"

// warnUnknown notes each variable that looks like one of ours and is none. It may
// be meant for another program, so it is no fault; but a name that was mistyped
// would otherwise show in nothing but events that are missing.
func (l *loader) warnUnknown() {
	for _, name := range slices.Sorted(maps.Keys(l.env)) {
		if len(name) < len(prefix) || !strings.EqualFold(name[:len(prefix)], prefix) || l.position(name) >= 0 {
			continue
		}
		shown := name
		if !isID(name) || len(name) > maxShown {
			shown = quote(name)
		}
		l.warn(shown, "unknown, so it has no effect; the nearest known name is "+l.nearest(name))
	}
}

// nearest returns the known name that takes the fewest changes to become name.
func (l *loader) nearest(name string) string {
	name = strings.ToUpper(name[:min(len(name), maxShown)])
	return slices.MinFunc(l.table, func(a, b Variable) int {
		return distance(name, a.Name) - distance(name, b.Name)
	}).Name
}

// distance is the Levenshtein distance: how many bytes must be put in, taken out
// or replaced to make b of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
