package platform

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
	"unicode"

	"github.com/dt-functions/dt-functions/azure/identity"
	"github.com/dt-functions/dt-functions/gcp/token"
	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/settings"
)

// The variables that a person's access tokens are in.
const (
	GoogleVariable = "GOOGLE_OAUTH_ACCESS_TOKEN"
	AzureVariable  = "AZURE_ACCESS_TOKEN"
)

// googleTokens has the person's access token or, on Google Cloud, the service account's.
type googleTokens struct {
	given  secret.Text
	source *token.Source
}

func newGoogleTokens(env settings.Environment, now func() time.Time) *googleTokens {
	return &googleTokens{
		given: secret.New(strings.TrimSpace(env[GoogleVariable])),
		// A key file does not matter to who gives a token.
		source: token.New(token.Config{Host: env[token.HostVariable], Client: &http.Client{Transport: nearTransport()}, Now: now}),
	}
}

func (t *googleTokens) Usable() error { return nil }

func (t *googleTokens) Token(ctx context.Context) (secret.Text, error) {
	if !t.given.IsZero() {
		if !sendable(t.given.Reveal()) {
			return secret.Text{}, fmt.Errorf("%s is no access token: export %s=\"$(gcloud auth print-access-token)\"", GoogleVariable, GoogleVariable)
		}
		return t.given, nil
	}
	text, err := t.source.Token(ctx)
	if err != nil {
		return text, fmt.Errorf("log in first: export %s=\"$(gcloud auth print-access-token)\" (%w)", GoogleVariable, err)
	}
	return text, nil
}

// azureTokens has the person's access tokens or, on Azure, the managed identity's.
type azureTokens struct {
	given  []secret.Text
	source *identity.Source
}

func newAzureTokens(env settings.Environment, now func() time.Time) *azureTokens {
	var given []secret.Text
	for _, text := range strings.FieldsFunc(env[AzureVariable], func(r rune) bool { return r == ',' || unicode.IsSpace(r) }) {
		given = append(given, secret.New(text))
	}
	return &azureTokens{
		given: given,
		source: identity.New(identity.Config{
			Endpoint: env["IDENTITY_ENDPOINT"], Header: secret.New(env["IDENTITY_HEADER"]), ClientID: env["AZURE_CLIENT_ID"],
			Client: &http.Client{Transport: nearTransport()}, Now: now,
		}),
	}
}

// Token returns the one of the given tokens that is for resource. Azure's are for one
// resource each, which stands in them.
func (t *azureTokens) Token(ctx context.Context, resource string) (secret.Text, error) {
	how := fmt.Sprintf("export %s=\"$(az account get-access-token --resource %s --query accessToken -o tsv)\"; several tokens are separated by blanks", AzureVariable, resource)
	for _, given := range t.given {
		if strings.TrimRight(audience(given.Reveal()), "/") == strings.TrimRight(resource, "/") && sendable(given.Reveal()) {
			return given, nil
		}
	}
	// One that does not say what it is for may be for this.
	if len(t.given) == 1 && audience(t.given[0].Reveal()) == "" && sendable(t.given[0].Reveal()) {
		return t.given[0], nil
	}
	if len(t.given) > 0 {
		return secret.Text{}, fmt.Errorf("none of the tokens in %s is for %s: %s", AzureVariable, resource, how)
	}
	text, err := t.source.Token(ctx, resource)
	if err != nil {
		return text, fmt.Errorf("log in first: %s (%w)", how, err)
	}
	return text, nil
}

// sendable tells whether a text can stand in a request's header as a token.
func sendable(token string) bool {
	return !strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' })
}

// audience returns the resource that a token is for; "" where it does not say, or says
// it by an application's id. The token is not verified: the service does that.
func audience(token string) string {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return ""
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return ""
	}
	var claims struct {
		Audience string `json:"aud"`
	}
	if json.Unmarshal(payload, &claims) != nil {
		return ""
	}
	if resource, ok := knownAudiences()[claims.Audience]; ok {
		return resource
	}
	if !strings.Contains(claims.Audience, "://") {
		return ""
	}
	return claims.Audience
}

// knownAudiences are the ids of Azure's own applications that stand in tokens for their
// resources ("Verify first-party Microsoft applications in sign-in reports").
func knownAudiences() map[string]string {
	return map[string]string{
		"cfa8b339-82a2-471a-a3c9-0fc0be7a4093": "https://vault.azure.net",
		"e406a681-f3d4-42a8-90b6-c2b029497af1": "https://storage.azure.com",
		"80a10ef9-8168-493d-abf9-3297c4ef6e3c": "https://servicebus.azure.net",
	}
}

// transport speaks HTTP/1.1 only: package servicebus needs that.
func transport() *http.Transport {
	t := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
		TLSHandshakeTimeout: 5 * time.Second,
		IdleConnTimeout:     30 * time.Second,
		Protocols:           new(http.Protocols),
	}
	t.Protocols.SetHTTP1(true)
	return t
}

// errFar is what is wrong with a metadata service that is asked for from elsewhere.
var errFar = errors.New("there is no such service on this machine")

// nearTransport reaches the services alone that clouds give to their own machines: no
// proxy, and no long wait where there is none.
func nearTransport() *http.Transport {
	return &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := (&net.Dialer{Timeout: 2 * time.Second}).DialContext(ctx, network, address)
			if err != nil {
				return nil, errFar
			}
			return conn, nil
		},
		DisableKeepAlives: true,
	}
}
