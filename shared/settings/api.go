package settings

import (
	"net/url"
	"strings"

	"github.com/dt-functions/dt-functions/shared/dtapi"
)

// API says how DT's REST API is called. It is the same for every function that
// calls it.
type API struct {
	// URL is the API's (DT_API_URL), TokenURL where access tokens come from
	// (DT_TOKEN_URL); never "".
	URL, TokenURL string
	// Credentials are the service account's (DT_SERVICE_ACCOUNT_KEY_ID, _SECRET,
	// _EMAIL).
	Credentials dtapi.Credentials
}

func (l *loader) api() API {
	a := API{
		URL:      l.endpoint(apiURL, dtapi.DefaultURL),
		TokenURL: l.endpoint(tokenURL, dtapi.DefaultTokenURL),
		Credentials: dtapi.Credentials{
			KeyID:  l.text(serviceAccountKeyID),
			Secret: l.secret(serviceAccountSecret),
			Email:  l.text(serviceAccountEmail),
		},
	}
	switch id := a.Credentials.KeyID; {
	case id == "":
		l.fault(serviceAccountKeyID, "not set")
	case !isID(id):
		l.fault(serviceAccountKeyID, quote(id)+" is not a key id")
	}
	if l.env[serviceAccountSecret] == "" {
		l.fault(serviceAccountSecret, "not set")
	}
	switch email := a.Credentials.Email; {
	case email == "":
		l.warn(serviceAccountEmail, "not set, so Basic auth is used, which the service account must allow; DT recommends it for prototypes only")
	case !strings.Contains(email, "@") || strings.ContainsAny(email, " ,;\"<>"):
		l.fault(serviceAccountEmail, quote(email)+" is not an email address")
	}
	return a
}

// endpoint returns the URL that a variable holds, or usual. Credentials go there,
// so it must be https.
func (l *loader) endpoint(name, usual string) string {
	text := l.text(name)
	if text == "" {
		return usual
	}
	if fault := endpointFault(text); fault != "" {
		l.fault(name, quote(redactURL(text))+" "+fault)
		return ""
	}
	return strings.TrimRight(text, "/")
}

// endpointFault returns what is wrong with the URL of a server that is trusted; ""
// when nothing is.
func endpointFault(text string) string {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "":
		return "is not a URL with a host"
	case strings.ContainsAny(text, "?#"):
		return "has a query or a fragment"
	case u.User != nil:
		return "has a user name or a password"
	case u.Scheme == "https", u.Scheme == "http" && isLoopback(u.Hostname()):
		return ""
	}
	return "is not https"
}

// connectors returns the connectors to work on, each once.
func (l *loader) connectors() []dtapi.ConnectorName {
	parts := l.list(connectorNames)
	if parts == nil {
		l.fault(connectorNames, "not set")
	}
	var names []dtapi.ConnectorName
	seen := make(map[dtapi.ConnectorName]bool)
	for _, part := range parts {
		name, err := dtapi.ParseConnectorName(part)
		switch {
		case err != nil:
			l.fault(connectorNames, quote(part)+" is not the name of a connector")
		case seen[name]:
			l.fault(connectorNames, quote(part)+" is there twice")
		default:
			seen[name] = true
			names = append(names, name)
		}
	}
	return names
}
