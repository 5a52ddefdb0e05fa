package hosttest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A route is an HTTP function.
type route struct {
	function string
	path     string
	methods  []string // lower-case; nil means all
	single   bool     // exactly one input and one output, httpTrigger and http
}

// A binding is what a function.json says of one.
type binding struct {
	Type, Direction, Route string
	Methods                []string
}

// readRoutes reads the HTTP functions of an app.
func readRoutes(t testing.TB, app string) []route {
	t.Helper()
	var hostFile struct {
		Extensions struct {
			HTTP struct{ RoutePrefix *string }
		}
	}
	readJSON(t, filepath.Join(app, "host.json"), &hostFile)
	prefix := "api"
	if p := hostFile.Extensions.HTTP.RoutePrefix; p != nil {
		prefix = *p
	}
	files, err := filepath.Glob(filepath.Join(app, "*", "function.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s has no functions: %v", app, err)
	}
	var routes []route
	for _, file := range files {
		var function struct{ Bindings []binding }
		readJSON(t, file, &function)
		name := filepath.Base(filepath.Dir(file))
		for _, b := range function.Bindings {
			if b.Type != "httpTrigger" {
				continue
			}
			if b.Route == "" {
				b.Route = name
			}
			path := strings.TrimRight("/"+prefix, "/") + "/" + b.Route
			single := len(function.Bindings) == 2 && slices.ContainsFunc(function.Bindings, func(other binding) bool {
				return other.Type == "http" && other.Direction == "out"
			})
			routes = append(routes, route{function: name, path: path, methods: b.Methods, single: single})
		}
	}
	return routes
}

// find returns the function for a request; ASP.NET's routes know no case.
func (h *Host) find(method, path string) (route, bool) {
	for _, r := range h.routes {
		if strings.EqualFold(r.path, path) && (r.methods == nil || slices.Contains(r.methods, strings.ToLower(method))) {
			return r, true
		}
	}
	return route{}, false
}

func readJSON(t testing.TB, path string, to any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, to); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}
