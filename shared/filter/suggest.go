package filter

import (
	"strings"
	"unicode/utf8"
)

// shortName is the length up to which a known name may differ by one edit only.
// With two, names that have little in common would be alike: a type "voc" that DT
// may add one day, and "co2".
const shortName = 4

// suggest returns the name in known that name looks like, spelled wrong or in
// another case, or "". It is the nearest one, the first of several.
func suggest(name string, known []string) string {
	best, suggestion := 3, ""
	for _, k := range known {
		limit := 2
		if len(k) <= shortName {
			limit = 1
		}
		if d := distance(strings.ToLower(name), strings.ToLower(k), limit); d <= limit && d < best {
			best, suggestion = d, k
		}
	}
	return suggestion
}

// distance returns how many characters must be put in, left out or replaced to
// make b of a (Levenshtein), or something above limit when it is above limit.
func distance(a, b string, limit int) int {
	n := utf8.RuneCountInString(b)
	if diff := utf8.RuneCountInString(a) - n; diff > limit || -diff > limit {
		return limit + 1
	}
	row := make([]int, n+1) // distances from what has been read of a
	for j := range row {
		row[j] = j
	}
	for _, ra := range a {
		diagonal := row[0]
		row[0]++
		j := 0
		for _, rb := range b {
			j++
			replaced := diagonal
			if ra != rb {
				replaced++
			}
			diagonal = row[j]
			row[j] = min(replaced, row[j]+1, row[j-1]+1)
		}
	}
	return row[n]
}
