package main

import (
	"regexp"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// secret tells whether the value of e is, or has in it, a secret. What is only asked of
// one is none: whether it is null, how long it is.
func (m *module) secret(e hclsyntax.Expression) bool {
	switch e := e.(type) {
	case *hclsyntax.ConditionalExpr:
		return m.secret(e.TrueResult) || m.secret(e.FalseResult)
	case *hclsyntax.BinaryOpExpr, *hclsyntax.UnaryOpExpr, *hclsyntax.LiteralValueExpr, *hclsyntax.AnonSymbolExpr, nil:
		return false
	case *hclsyntax.FunctionCallExpr:
		return !slices.Contains([]string{"alltrue", "anytrue", "can", "contains", "length"}, e.Name) && slices.ContainsFunc(e.Args, m.secret)
	case *hclsyntax.ParenthesesExpr:
		return m.secret(e.Expression)
	case *hclsyntax.TemplateExpr:
		return slices.ContainsFunc(e.Parts, m.secret)
	case *hclsyntax.TemplateWrapExpr:
		return m.secret(e.Wrapped)
	case *hclsyntax.TemplateJoinExpr:
		return m.secret(e.Tuple)
	case *hclsyntax.TupleConsExpr:
		return slices.ContainsFunc(e.Exprs, m.secret)
	case *hclsyntax.ObjectConsExpr:
		return slices.ContainsFunc(e.Items, func(i hclsyntax.ObjectConsItem) bool { return m.secret(i.KeyExpr) || m.secret(i.ValueExpr) })
	case *hclsyntax.ObjectConsKeyExpr:
		return hcl.ExprAsKeyword(e) == "" && m.secret(e.Wrapped)
	case *hclsyntax.ForExpr:
		return m.secret(e.CollExpr) || m.secret(e.KeyExpr) || m.secret(e.ValExpr)
	case *hclsyntax.ScopeTraversalExpr, *hclsyntax.RelativeTraversalExpr, *hclsyntax.IndexExpr, *hclsyntax.SplatExpr:
		names, inside := reference(e)
		return m.source(names) || slices.ContainsFunc(inside, m.secret)
	}
	return true // a kind that is not known here
}

// reference returns the names that lead to a value, without positions, and the
// expressions that it begins with or goes through.
func reference(e hclsyntax.Expression) (names []string, inside []hclsyntax.Expression) {
	switch e := e.(type) {
	case *hclsyntax.ScopeTraversalExpr:
		return attributes(e.Traversal), nil
	case *hclsyntax.RelativeTraversalExpr:
		names, inside = reference(e.Source)
		return append(names, attributes(e.Traversal)...), inside
	case *hclsyntax.IndexExpr:
		return reference(e.Collection)
	case *hclsyntax.SplatExpr:
		names, inside = reference(e.Source)
		each, more := reference(e.Each)
		return append(names, each...), append(inside, more...)
	case *hclsyntax.AnonSymbolExpr:
		return nil, nil
	}
	return nil, []hclsyntax.Expression{e}
}

func attributes(t hcl.Traversal) []string {
	var names []string
	for _, step := range t {
		switch step := step.(type) {
		case hcl.TraverseRoot:
			names = append(names, step.Name)
		case hcl.TraverseAttr:
			names = append(names, step.Name)
		}
	}
	return names
}

// given matches the attributes in which providers give out keys.
var given = regexp.MustCompile(`(^|_)(password|access_key|connection_string|connection_string_alias|private_key|credentials|credentials_json|api_?key|apikey|sas_token|sas|secret_data|secret_string|signature_secret|config_var_values|sensitive_vars)$`)

// source tells whether what the names lead to is a secret.
func (m *module) source(names []string) bool {
	if len(names) < 2 {
		return false
	}
	switch names[0] {
	case "var":
		return m.marked[names[1]]
	case "local":
		return m.local(names[1])
	case "ephemeral":
		return true
	case "data":
		names = names[1:]
	case "each", "count", "path", "terraform", "self", "module":
		return false
	}
	if len(names) < 3 {
		return false
	}
	switch names[0] {
	case "random_password":
		return names[2] == "result" || names[2] == "bcrypt_hash"
	case "azurerm_key_vault_secret":
		return names[2] == "value"
	case "azurerm_application_insights":
		// What says where it is, and no secret, where nobody is let in by it alone.
		return given.MatchString(names[2]) && !m.keyless[names[1]]
	}
	return slices.ContainsFunc(names[2:], given.MatchString)
}

// local tells whether a local has a secret in it.
func (m *module) local(name string) bool {
	if is, ok := m.asked[name]; ok {
		return is
	}
	m.asked[name] = false // locals that go round in a circle are refused by Terraform
	m.asked[name] = m.secret(m.locals[name])
	return m.asked[name]
}
