package storage

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/dt-functions/dt-functions/shared/secret"
)

// connectionString is what a storage account's connection string says ("Configure
// Azure Storage connection strings"). Only the form with the account's key is taken.
type connectionString struct {
	account string
	key     secret.Text         // decoded
	service map[string]*url.URL // endpoints that are named, by "queue" and "blob"
}

// parseConnectionString parses Name=value;Name=value. Its errors hold no value.
func parseConnectionString(text string) (connectionString, error) {
	c := connectionString{service: make(map[string]*url.URL)}
	if strings.HasPrefix(text, "@Microsoft.KeyVault(") {
		return c, errors.New("is a Key Vault reference that the platform has not resolved; check that the app's identity may read the secret")
	}
	var key string
	for part := range strings.SplitSeq(text, ";") {
		name, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		if !ok {
			if name == "" {
				continue
			}
			return c, errors.New("has a part that is not Name=value")
		}
		var err error
		switch name {
		case "AccountName":
			c.account = value
		case "AccountKey":
			key = value
		case "QueueEndpoint":
			c.service["queue"], err = parseEndpoint(value)
		case "BlobEndpoint":
			c.service["blob"], err = parseEndpoint(value)
		case "SharedAccessSignature":
			err = errors.New("is not taken")
		}
		if err != nil {
			return c, fmt.Errorf("%s %w", name, err)
		}
	}
	if c.account == "" || key == "" {
		return c, errors.New("has no AccountName or no AccountKey")
	}
	decoded, err := base64.StdEncoding.DecodeString(key)
	if err != nil || len(decoded) == 0 {
		return c, errors.New("AccountKey is not base64")
	}
	c.key = secret.New(string(decoded))
	return c, nil
}

// parseEndpoint parses the URL of a service. Without encryption it must be on this
// machine, as the emulator is.
func parseEndpoint(text string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimRight(text, "/"))
	switch {
	case err != nil || u.Hostname() == "":
		return nil, errors.New("is not a URL with a host")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, errors.New("has more than a host and a path")
	case u.Scheme == "https", u.Scheme == "http" && isLoopback(u.Hostname()):
		return u, nil
	}
	return nil, errors.New("is not https")
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
