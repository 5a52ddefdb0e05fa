// Package keyvault reads secrets of Azure Key Vault by its REST API.
//
// The platform can do that too, for settings of the form @Microsoft.KeyVault(…), but by
// an identity that on some plans is there only after the app is, and a new version of a
// secret reaches it within a day. What is read here is there at the first start, and
// five minutes after a change.
package keyvault

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/dt-functions/dt-functions/azure/rest"
	"github.com/dt-functions/dt-functions/shared/secret"
)

// Scheme is that of references: azure-keyvault://VAULT.vault.azure.net/secrets/NAME,
// with /VERSION behind it for another version than the newest. The secret's own
// identifier, which begins with https, is taken too.
const Scheme = "azure-keyvault"

// apiVersion is that of the REST API.
const apiVersion = "7.4"

// ErrReference means that a reference names nothing.
var ErrReference = errors.New("want azure-keyvault://VAULT.vault.azure.net/secrets/NAME, with /VERSION or without")

// Config says how vaults are reached.
type Config struct {
	// Tokens are those of who asks. Required.
	Tokens rest.TokenSource
	// Client sends the request. Required.
	Client *http.Client
}

// IsReference tells whether a text names a secret in a vault.
func IsReference(text string) bool {
	_, err := parse(text)
	return err == nil
}

// parse returns the address of a secret. A token is sent there: it must be a vault.
func parse(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != Scheme && u.Scheme != "https" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Port() != "" {
		return nil, ErrReference
	}
	vault, suffix, _ := strings.Cut(strings.ToLower(u.Host), ".")
	known := suffix == "vault.azure.net" || suffix == "vault.azure.cn" || suffix == "vault.usgovcloudapi.net"
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	if !isName(vault) || !known || len(parts) < 2 || len(parts) > 3 || parts[0] != "secrets" {
		return nil, ErrReference
	}
	for _, part := range parts {
		if !isName(part) {
			return nil, ErrReference
		}
	}
	return &url.URL{Scheme: "https", Host: u.Host, Path: "/" + strings.Join(parts, "/"), RawQuery: "api-version=" + apiVersion}, nil
}

// isName tells whether text can be the name of a vault or a secret, or a version
// ("About keys, secrets and certificates").
func isName(text string) bool {
	return text != "" && strings.Trim(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == ""
}

// Read returns the secret that a reference names. No error shows it.
func Read(ctx context.Context, c Config, reference string) (secret.Text, error) {
	got, err := c.read(ctx, reference)
	return secret.New(got.Value), err
}

// A bundle is a secret as the vault shows it (Key Vault REST API, "Get Secret").
type bundle struct {
	Value string `json:"value"`
	ID    string `json:"id"`
}

func (c Config) read(ctx context.Context, reference string) (bundle, error) {
	u, err := parse(reference)
	if err != nil {
		return bundle{}, err
	}
	var got bundle
	if err := c.get(ctx, u, &got); err != nil {
		return bundle{}, err
	}
	if got.Value == "" {
		return bundle{}, errAnswer
	}
	return got, nil
}

// errAnswer says nothing of what the answer has instead: it could be the secret.
var errAnswer = errors.New("the answer of Key Vault holds no secret")

// get reads what u names into answer.
func (c Config) get(ctx context.Context, u *url.URL, answer any) error {
	_, suffix, _ := strings.Cut(u.Host, ".")
	response, err := rest.NewClient(c.Client, rest.Bearer(c.Tokens, "https://"+strings.ToLower(suffix))).Do(ctx, rest.Request{Method: http.MethodGet, URL: u})
	if err != nil {
		return explain(err)
	}
	// A JSON error could quote the secret.
	if json.Unmarshal(response.Body, answer) != nil {
		return errAnswer
	}
	return nil
}

func explain(err error) error {
	answer, ok := errors.AsType[*rest.Error](err)
	switch {
	case ok && answer.Status == http.StatusUnauthorized:
		return fmt.Errorf("%w; log in anew: the access token is wrong or over", err)
	case ok && answer.Status == http.StatusForbidden:
		return fmt.Errorf("%w; it takes the role Key Vault Secrets User on the vault, and a network that the vault lets in", err)
	case ok && answer.Status == http.StatusNotFound:
		return fmt.Errorf("%w; the vault has no such secret", err)
	}
	return err
}
