package settings

import "strings"

// An Environment holds settings as texts, by their variables' names. Most come
// from the process's environment; some platforms hand them over in other ways.
// A variable that is empty counts as one that is not set.
type Environment map[string]string

// FromEnviron returns the variables in environ, which has the form of
// [os.Environ]. Of a name that is there twice the first value counts, as with
// [os.Getenv].
func FromEnviron(environ []string) Environment {
	env := make(Environment, len(environ))
	for _, entry := range environ {
		name, value, ok := strings.Cut(entry, "=")
		if !ok || name == "" { // Windows has names that begin with "="
			continue
		}
		if _, ok := env[name]; !ok {
			env[name] = value
		}
	}
	return env
}
