package dtfunctions_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/shared/settings"
)

var update = flag.Bool("update", false, "write the generated parts of the documents anew")

const (
	settingsBegin = "<!-- settings: written by `make golden` -->\n"
	settingsEnd   = "<!-- end of settings -->"
)

// The table of settings in the README is the one in the code.
func TestReadmeListsTheSettings(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(readme), settingsBegin)
	_, after, ok2 := strings.Cut(rest, settingsEnd)
	if !ok || !ok2 {
		t.Fatal("README.md has lost the marks around its table of settings")
	}
	want := before + settingsBegin + settingsTable() + settingsEnd + after
	if want == string(readme) {
		return
	}
	if !*update {
		t.Fatal("the table of settings in README.md is out of date: run make golden")
	}
	if err := os.WriteFile("README.md", []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}

func settingsTable() string {
	var b strings.Builder
	b.WriteString("\n| variable | for | meaning | form | default |\n|---|---|---|---|---|\n")
	for _, v := range settings.Table() {
		cell := func(text string) string { return strings.ReplaceAll(text, "|", `\|`) }
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", v.Name, strings.Join(v.Functions, ", "), cell(v.Meaning), cell(v.Accepted), cell(v.Default))
	}
	b.WriteString("\n")
	return b.String()
}
