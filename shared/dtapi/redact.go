package dtapi

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/dt-functions/dt-functions/shared/secret"
)

// RedactURL returns address with what may be a key replaced by "[redacted]": the user
// and password, the values of the query and the fragment. The rest, which says where
// events go, stays. What is not a URL is replaced altogether.
func RedactURL(address string) string {
	u, err := url.Parse(address)
	switch {
	case address == "":
		return ""
	case err != nil || u.Scheme == "" || u.Host == "":
		return secret.Redacted
	}
	var b strings.Builder
	b.WriteString(u.Scheme + "://")
	if u.User != nil {
		b.WriteString(secret.Redacted + "@")
	}
	b.WriteString(u.Host + u.EscapedPath())
	if u.RawQuery != "" {
		b.WriteString("?" + redactQuery(u.RawQuery))
	}
	if u.Fragment != "" {
		b.WriteString("#" + secret.Redacted)
	}
	return b.String()
}

// urlSecrets returns what RedactURL replaces in address.
func urlSecrets(address string) []secret.Text {
	u, err := url.Parse(address)
	if err != nil {
		return []secret.Text{secret.New(address)}
	}
	var all []secret.Text
	if u.User != nil {
		password, _ := u.User.Password()
		all = append(all, secret.New(u.User.String()), secret.New(u.User.Username()), secret.New(password))
	}
	for _, p := range strings.Split(u.RawQuery, "&") {
		name, value, hasValue := strings.Cut(p, "=")
		if !hasValue {
			value = name
		}
		all = append(all, secret.New(value))
		if unescaped, err := url.QueryUnescape(value); err == nil {
			all = append(all, secret.New(unescaped))
		}
	}
	return append(all, secret.New(u.Fragment))
}

// secrets returns those that h holds, as far as they are known.
func (h HTTPConfig) secrets() []secret.Text {
	return append(slices.Collect(maps.Values(h.Headers)), append(urlSecrets(h.URL), h.SignatureSecret)...)
}

// redactQuery keeps the names of parameters, in their order.
func redactQuery(query string) string {
	parameters := strings.Split(query, "&")
	for i, p := range parameters {
		if name, _, hasValue := strings.Cut(p, "="); hasValue {
			parameters[i] = name + "=" + secret.Redacted
		} else if p != "" {
			parameters[i] = secret.Redacted // the key may stand alone
		}
	}
	return strings.Join(parameters, "&")
}

// redactMember returns the value of a member that this package does not know as it
// may be shown. What it holds is a matter of guessing by names, on the safe side.
func redactMember(name string, value jsontext.Value) jsontext.Value {
	var decoded any
	d := json.NewDecoder(bytes.NewReader(value))
	d.UseNumber() // so that numbers stay as they are written
	if err := d.Decode(&decoded); err != nil {
		return encode(secret.Redacted)
	}
	return encode(redactAny(decoded, isSecretName(name)))
}

func redactAny(value any, hidden bool) any {
	switch v := value.(type) {
	case map[string]any:
		for name, inner := range v {
			v[name] = redactAny(inner, hidden || isSecretName(name))
		}
	case []any:
		for i, inner := range v {
			v[i] = redactAny(inner, hidden)
		}
	case nil, bool:
	case string:
		switch {
		case v == "":
		case hidden:
			return secret.Redacted
		case strings.Contains(v, "://"):
			return RedactURL(v)
		}
	default:
		if hidden {
			return secret.Redacted
		}
	}
	return value
}

// isSecretName reports whether a member of this name, or what is in it, may be a
// secret.
func isSecretName(name string) bool {
	name = fold(name)
	for _, part := range []string{"secret", "password", "passphrase", "token", "key", "credential", "signature", "authorization", "cookie", "header", "connectionstring"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}
