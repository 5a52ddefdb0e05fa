package main

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/dt-functions/dt-functions/tools/keeper"
)

// A module is what one folder says.
type module struct {
	dir    string
	files  []*hclsyntax.Body
	locals map[string]hclsyntax.Expression
	marked map[string]bool // the variables, and whether they are marked as secret

	// keyless are the instances of Application Insights that only identities write to.
	keyless map[string]bool

	asked map[string]bool // the locals that are being asked, or have been, and what they are
	kept  int
}

func read(dir string) (*module, error) {
	m := &module{dir: dir, locals: make(map[string]hclsyntax.Expression), marked: make(map[string]bool), keyless: make(map[string]bool), asked: make(map[string]bool)}
	names, err := filepath.Glob(filepath.Join(dir, "*.tf"))
	if err != nil {
		return nil, err
	}
	parser := hclparse.NewParser()
	for _, name := range names {
		file, diags := parser.ParseHCLFile(name)
		if diags.HasErrors() {
			return nil, errors.New(diags.Error())
		}
		body := file.Body.(*hclsyntax.Body)
		m.files = append(m.files, body)
		for _, block := range body.Blocks {
			switch block.Type {
			case "locals":
				for name, a := range block.Body.Attributes {
					m.locals[name] = a.Expr
				}
			case "variable":
				m.marked[block.Labels[0]] = is(block, "sensitive", true) || is(block, "ephemeral", true)
			case "resource":
				if block.Labels[0] == "azurerm_application_insights" {
					m.keyless[block.Labels[1]] = is(block, "local_authentication_enabled", false)
				}
			}
		}
	}
	return m, nil
}

// is tells whether an attribute is written as that truth value.
func is(block *hclsyntax.Block, name string, want bool) bool {
	a := block.Body.Attributes[name]
	if a == nil {
		return false
	}
	v, diags := a.Expr.Value(nil)
	return !diags.HasErrors() && v.RawEquals(cty.BoolVal(want))
}

// secretName matches the names of what is a secret; the names of what is about one, such
// as secrets_version or kms_key_arn, end otherwise.
var secretName = regexp.MustCompile(`(^|_)(secret|password|token|credentials|api_key|private_key)$`)

// check returns an error for each place where a secret should not be.
func (m *module) check() []error {
	var errs []error
	for _, body := range m.files {
		for _, block := range body.Blocks {
			switch block.Type {
			case "variable":
				if name := block.Labels[0]; secretName.MatchString(name) && !m.marked[name] {
					errs = append(errs, fmt.Errorf("%s: the variable %s is not marked sensitive or ephemeral", at(block.Range()), name))
				}
			case "output":
				if a := block.Body.Attributes["value"]; a != nil && m.secret(a.Expr) {
					errs = append(errs, fmt.Errorf("%s: the output %s has a secret", at(a.Range()), block.Labels[0]))
				}
			case "resource", "data":
				errs = append(errs, m.body(block.Labels[0], block.Body)...)
			case "module":
				errs = append(errs, m.call(block)...)
			}
		}
	}
	return errs
}

// body checks what is inside a resource or one of its blocks. path is the type and the
// names of the blocks.
func (m *module) body(path string, body *hclsyntax.Body) []error {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(body.Attributes)) {
		errs = append(errs, m.attribute(path+"."+name, body.Attributes[name].Expr)...)
	}
	for _, block := range body.Blocks {
		switch block.Type {
		case "lifecycle", "timeouts":
		case "dynamic":
			for _, content := range block.Body.Blocks {
				errs = append(errs, m.body(path+"."+block.Labels[0], content.Body)...)
			}
			// What goes over a secret has it in its value.
			if a := block.Body.Attributes["for_each"]; a != nil && m.secret(a.Expr) {
				errs = append(errs, fmt.Errorf("%s: %s.%s is made for each of a secret", at(a.Range()), path, block.Labels[0]))
			}
		default:
			errs = append(errs, m.body(path+"."+block.Type, block.Body)...)
		}
	}
	return errs
}

// attribute checks what an attribute is set to; of an object each part by its own name.
func (m *module) attribute(path string, e hclsyntax.Expression) []error {
	if object, ok := e.(*hclsyntax.ObjectConsExpr); ok {
		var errs []error
		for _, item := range object.Items {
			errs = append(errs, m.attribute(path+"."+keyName(item.KeyExpr), item.ValueExpr)...)
		}
		return errs
	}
	switch {
	case !m.secret(e):
		return nil
	case strings.HasSuffix(path, "_wo"), keeper.Is(path):
		m.kept++
		return nil
	}
	return []error{fmt.Errorf("%s: %s has a secret", at(e.Range()), path)}
}

// call checks what a module is given: a secret only where its variable is marked.
func (m *module) call(block *hclsyntax.Block) []error {
	called := &module{}
	if source, diags := block.Body.Attributes["source"].Expr.Value(nil); !diags.HasErrors() && strings.HasPrefix(source.AsString(), ".") {
		var err error
		if called, err = read(filepath.Join(m.dir, source.AsString())); err != nil {
			return []error{err}
		}
	}
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(block.Body.Attributes)) {
		a := block.Body.Attributes[name]
		switch {
		case !m.secret(a.Expr):
		case called.marked[name]:
			m.kept++
		default:
			errs = append(errs, fmt.Errorf("%s: the module %s is given a secret as %s, which is not marked sensitive or ephemeral there", at(a.Range()), block.Labels[0], name))
		}
	}
	return errs
}

// at says where something is, without columns.
func at(r hcl.Range) string { return fmt.Sprintf("%s:%d", r.Filename, r.Start.Line) }

// keyName returns the name that a key is written as; "?" for one that is worked out.
func keyName(e hclsyntax.Expression) string {
	if name := hcl.ExprAsKeyword(e); name != "" {
		return name
	}
	if v, diags := e.Value(nil); !diags.HasErrors() && v.Type().FriendlyName() == "string" {
		return v.AsString()
	}
	return "?"
}
