// Package buskey reads the connection strings of Service Bus and Event Hubs
// namespaces, which have one form.
package buskey

import (
	"errors"
	"net/url"
	"strings"

	"github.com/dt-functions/dt-functions/shared/secret"
)

// A Key is what a connection string says.
type Key struct {
	// Host is the namespace's, in lower case.
	Host string
	// Entity is the one that the key is for; "" if it is the namespace's.
	Entity string
	Name   string
	Key    secret.Text
}

// Parse parses Endpoint=sb://host/;SharedAccessKeyName=name;SharedAccessKey=key, and
// EntityPath=entity where it is there. Its errors hold no value.
func Parse(text string) (Key, error) {
	var k Key
	if strings.HasPrefix(text, "@Microsoft.KeyVault(") {
		return k, errors.New("is a Key Vault reference that the platform has not resolved; check that the app's identity may read the secret")
	}
	for part := range strings.SplitSeq(text, ";") {
		name, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		if !ok {
			if name == "" {
				continue
			}
			return k, errors.New("has a part that is not Name=value")
		}
		switch name {
		case "Endpoint":
			u, err := url.Parse(value)
			if err != nil || u.Hostname() == "" || u.Port() != "" {
				return k, errors.New("has an Endpoint that is not sb://host/")
			}
			k.Host = strings.ToLower(u.Host)
		case "SharedAccessKeyName":
			k.Name = value
		case "SharedAccessKey":
			k.Key = secret.New(value)
		case "EntityPath":
			k.Entity = value
		}
	}
	if k.Host == "" || k.Name == "" || k.Key.IsZero() {
		return k, errors.New("has no Endpoint, no SharedAccessKeyName or no SharedAccessKey")
	}
	return k, nil
}
