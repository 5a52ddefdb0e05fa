// Package dtfunctions_test holds the rules that no compiler checks.
package dtfunctions_test

import (
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/dt-functions/dt-functions/"

// layers are the parts of the bundle, the innermost first: a package may import
// from its own layer or from one before it.
var layers = [][]string{
	{"shared"},
	{"functions"},
	{"aws", "gcp", "azure", "ibm", "heroku"},
	{"cmd", "local"},
}

// The modules that shared may use besides the standard library: small, and pure
// Go.
var sharedModules = []string{
	"github.com/cenkalti/backoff/v5",
	"github.com/go-json-experiment/json",
	"github.com/golang-jwt/jwt/v5",
	"golang.org/x/time",
}

// sharedDrivers are the packages of shared that may use more than that: drivers that
// adapters have in common, which may not import one another. Only programs that
// import them carry the weight.
var sharedDrivers = map[string][]string{
	"shared/checkpoint/s3": {"github.com/aws/aws-sdk-go-v2", "github.com/aws/smithy-go"},
	"shared/sink/kafka":    {"github.com/twmb/franz-go", "github.com/klauspost/compress", "github.com/pierrec/lz4/v4", "golang.org/x/crypto"},
}

// goList runs go list and returns what it prints, a line each.
func goList(t *testing.T, args ...string) []string {
	t.Helper()
	out, err := exec.Command("go", append([]string{"list"}, args...)...).Output()
	if err != nil {
		t.Fatalf("go list %v: %v", args, err)
	}
	return strings.Fields(string(out))
}

// layer returns the position in layers of a package of this module and the part
// it belongs to; -1 for packages outside the rule.
func layer(pkg string) (int, string) {
	part, _, _ := strings.Cut(strings.TrimPrefix(pkg, module), "/")
	for i, parts := range layers {
		if slices.Contains(parts, part) {
			return i, part
		}
	}
	return -1, part
}

// The dependency rule: cmd, local -> adapters -> functions -> shared, never back,
// and adapters never import one another.
func TestDependencyRule(t *testing.T) {
	packages := goList(t, "./...")
	checked := 0
	for _, pkg := range packages {
		from, part := layer(pkg)
		if from < 0 {
			if pkg+"/" != module {
				t.Errorf("%s is in none of the layers", pkg)
			}
			continue
		}
		checked++
		for _, dep := range goList(t, "-deps", pkg) {
			if !strings.HasPrefix(dep, module) {
				continue
			}
			to, other := layer(dep)
			switch {
			case to > from:
				t.Errorf("%s imports %s: against the dependency rule", pkg, dep)
			case from == 2 && to == 2 && part != other:
				t.Errorf("%s imports %s: adapters never import one another", pkg, dep)
			}
		}
	}
	if checked < 10 {
		t.Fatalf("only %d packages checked: the list is wrong", checked)
	}
}

// shared imports the standard library and a few small modules, nothing else.
func TestSharedStaysSmall(t *testing.T) {
	for _, pkg := range goList(t, "./shared/...") {
		modules := slices.Clone(sharedModules)
		for driver, more := range sharedDrivers {
			// The packages below a driver's are for its tests.
			if path := strings.TrimPrefix(pkg, module); path == driver || strings.HasPrefix(path, driver+"/") {
				modules = append(modules, more...)
			}
		}
		for _, dep := range goList(t, "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", pkg) {
			allowed := strings.HasPrefix(dep, module+"shared/") || slices.ContainsFunc(modules, func(m string) bool {
				return dep == m || strings.HasPrefix(dep, m+"/")
			})
			if !allowed {
				t.Errorf("%s imports %s", pkg, dep)
			}
		}
	}
}

// A package's name says what is in it.
func TestNoPackageOfOddsAndEnds(t *testing.T) {
	for _, pkg := range goList(t, "./...") {
		if slices.Contains([]string{"util", "utils", "common", "helper", "helpers", "misc"}, path.Base(pkg)) {
			t.Errorf("%s: call it by what it holds", pkg)
		}
	}
}

// finders are the packages that look into sinks: dtfn alone has them. A deployed program
// would carry their weight, and needs none of the permissions that they do.
var finders = []string{
	"shared/sink/find", "shared/sink/kafka/kafkafind", "aws/awsfind", "gcp/gcpfind", "azure/azurefind", "heroku/postgresfind",
}

func TestDeployedProgramsHaveNoFinders(t *testing.T) {
	for _, name := range finders {
		if out, err := exec.Command("go", "list", "./"+name).CombinedOutput(); err != nil {
			t.Errorf("there is no package %s: %s", name, out)
		}
	}
	programs := 0
	for _, pkg := range goList(t, "-f", `{{if eq .Name "main"}}{{.ImportPath}}{{end}}`, "./...") {
		if from, _ := layer(pkg); from != 2 && !strings.HasPrefix(pkg, module+"gcp/") {
			continue
		}
		programs++
		refuseFinders(t, pkg)
	}
	// Google Cloud's is no program of this module: its platform builds the main.
	refuseFinders(t, module+"gcp/function")
	if programs < 4 {
		t.Errorf("only %d deployed programs checked: the list is wrong", programs)
	}
}

func refuseFinders(t *testing.T, pkg string) {
	t.Helper()
	for _, dep := range goList(t, "-deps", pkg) {
		if slices.Contains(finders, strings.TrimPrefix(dep, module)) {
			t.Errorf("%s imports %s: that is dtfn's alone", pkg, dep)
		}
	}
}
