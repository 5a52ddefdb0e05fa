// Package keyvault reads secrets of Azure Key Vault by its REST API. On the platform
// itself secrets come as variables: this is for who looks from outside.
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

// version is that of the REST API.
const version = "7.4"

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
	return &url.URL{Scheme: "https", Host: u.Host, Path: "/" + strings.Join(parts, "/"), RawQuery: "api-version=" + version}, nil
}

// isName tells whether text can be the name of a vault or a secret, or a version
// ("About keys, secrets and certificates").
func isName(text string) bool {
	return text != "" && strings.Trim(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == ""
}

// Read returns the secret that a reference names. No error shows it.
func Read(ctx context.Context, c Config, reference string) (secret.Text, error) {
	u, err := parse(reference)
	if err != nil {
		return secret.Text{}, err
	}
	_, suffix, _ := strings.Cut(u.Host, ".")
	answer, err := rest.NewClient(c.Client, rest.Bearer(c.Tokens, "https://"+strings.ToLower(suffix))).Do(ctx, rest.Request{Method: http.MethodGet, URL: u})
	if err != nil {
		return secret.Text{}, explain(err)
	}
	var got struct {
		Value string `json:"value"`
	}
	// A JSON error could quote the secret.
	if json.Unmarshal(answer.Body, &got) != nil || got.Value == "" {
		return secret.Text{}, errors.New("the answer of Key Vault holds no secret")
	}
	return secret.New(got.Value), nil
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
