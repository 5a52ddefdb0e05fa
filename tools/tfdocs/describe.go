package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// A row is a variable or an output.
type row struct {
	name, kind, standard, description string
}

// describe returns the tables of the module in dir.
func describe(dir string) (string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.tf"))
	if err != nil {
		return "", err
	}
	var inputs, outputs []row
	parser := hclparse.NewParser()
	for _, name := range files {
		file, diags := parser.ParseHCLFile(name)
		if diags.HasErrors() {
			return "", errors.New(diags.Error())
		}
		for _, block := range file.Body.(*hclsyntax.Body).Blocks {
			if block.Type != "variable" && block.Type != "output" {
				continue
			}
			r := row{name: block.Labels[0]}
			if r.description, err = text(block.Body.Attributes["description"]); err != nil {
				return "", fmt.Errorf("%s: %s: %w", name, r.name, err)
			}
			if block.Type == "variable" {
				r.kind = source(file, block.Body.Attributes["type"])
				r.standard = source(file, block.Body.Attributes["default"])
				for _, mark := range []string{"sensitive", "ephemeral"} {
					if source(file, block.Body.Attributes[mark]) == "true" {
						r.kind += ", " + mark
					}
				}
				inputs = append(inputs, r)
			} else {
				outputs = append(outputs, r)
			}
		}
	}
	return table("Inputs", inputs) + table("Outputs", outputs), nil
}

// text returns the value of an attribute that must be a text without expressions.
func text(a *hclsyntax.Attribute) (string, error) {
	if a == nil {
		return "", errors.New("has no description")
	}
	v, diags := a.Expr.Value(nil)
	if diags.HasErrors() || v.Type().FriendlyName() != "string" {
		return "", errors.New("the description is not a text")
	}
	return strings.Join(strings.Fields(v.AsString()), " "), nil
}

// source returns what an attribute's value is written as, on one line; "" when it is
// not there.
func source(file *hcl.File, a *hclsyntax.Attribute) string {
	if a == nil {
		return ""
	}
	written := string(a.Expr.Range().SliceBytes(file.Bytes))
	for i, line := range strings.Split(written, "\n") {
		line, _, _ = strings.Cut(line, " # ")
		if i == 0 {
			written = strings.TrimSpace(line)
			continue
		}
		line = strings.Join(strings.Fields(line), " ")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		// A line's end is a comma's place, but after an opening and before a closing.
		if !strings.ContainsAny(written[len(written)-1:], "({[,") && !strings.ContainsAny(line[:1], ")}]") {
			written += ","
		}
		written += " " + line
	}
	return written
}

func table(title string, rows []row) string {
	slices.SortFunc(rows, func(a, b row) int { return strings.Compare(a.name, b.name) })
	var b strings.Builder
	fmt.Fprintf(&b, "\n### %s\n\n", title)
	if title == "Outputs" {
		b.WriteString("| name | what it is |\n|---|---|\n")
		for _, r := range rows {
			fmt.Fprintf(&b, "| %s | %s |\n", r.name, cell(r.description))
		}
		return b.String()
	}
	b.WriteString("| name | what it is | type | default |\n|---|---|---|---|\n")
	for _, r := range rows {
		standard := "required"
		if r.standard != "" {
			standard = "`" + cell(r.standard) + "`"
		}
		fmt.Fprintf(&b, "| %s | %s | `%s` | %s |\n", r.name, cell(r.description), cell(r.kind), standard)
	}
	return b.String()
}

// cell keeps text from ending a cell of the table.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }
