package adaptertest

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
)

// tableVariable names the directory where results are gathered.
const tableVariable = "DTFN_ADAPTER_TABLE"

// A column is the results of one platform.
type column struct {
	Platform string
	Results  map[string]string // by the cases' names
}

func newColumn(platform string) *column {
	return &column{Platform: platform, Results: make(map[string]string)}
}

func (c *column) add(name, result string) { c.Results[name] = result }

// write writes the column to the directory that gathers them, if there is one.
func (c *column) write() error {
	dir := os.Getenv(tableVariable)
	if dir == "" {
		return nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	data, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, c.Platform+".json"), data, 0o644)
}

// Table prints what Run has written to a directory: a row a request, a column a
// platform. The error says which results are missing or failed.
func Table(w io.Writer, dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return err
	}
	slices.Sort(files)
	var columns []column
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		var c column
		if err := json.Unmarshal(data, &c); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		columns = append(columns, c)
	}
	if len(columns) == 0 {
		return fmt.Errorf("%s has no results", dir)
	}
	return printTable(w, columns)
}

func printTable(w io.Writer, columns []column) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	notes := make(map[string]int) // why something is not sent, and its number
	fmt.Fprint(t, "request")
	for _, c := range columns {
		fmt.Fprint(t, "\t", c.Platform)
	}
	fmt.Fprintln(t)
	var bad []string
	for _, row := range Cases() {
		fmt.Fprint(t, row.Name)
		for _, c := range columns {
			result, ok := c.Results[row.Name]
			reason, lacks := strings.CutPrefix(result, "— ")
			switch {
			case !ok || result == "FAILED":
				bad = append(bad, c.Platform+": "+row.Name)
				result = "FAILED"
			case lacks:
				if notes[reason] == 0 {
					notes[reason] = len(notes) + 1
				}
				result = fmt.Sprintf("— (%d)", notes[reason])
			}
			fmt.Fprint(t, "\t", result)
		}
		fmt.Fprintln(t)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, reason := range slices.SortedFunc(maps.Keys(notes), func(a, b string) int { return notes[a] - notes[b] }) {
		fmt.Fprintf(w, "(%d) %s\n", notes[reason], reason)
	}
	if len(bad) > 0 {
		return fmt.Errorf("failed: %s", strings.Join(bad, "; "))
	}
	return nil
}
