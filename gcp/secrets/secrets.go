// Package secrets reads secrets of Google Cloud's Secret Manager by its REST API. On
// the platform itself secrets come as variables: this is for who looks from outside.
package secrets

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/dt-functions/dt-functions/gcp/rest"
	"github.com/dt-functions/dt-functions/shared/secret"
)

// Scheme is that of references: gcp-secretmanager://projects/P/secrets/S, with
// /versions/V behind it for another version than the latest. The name alone is taken too.
const Scheme = "gcp-secretmanager"

const service = "https://secretmanager.googleapis.com"

// ErrReference means that a reference names nothing.
var ErrReference = errors.New("want gcp-secretmanager://projects/PROJECT/secrets/SECRET, with /versions/VERSION or without")

// Config says how Secret Manager is reached.
type Config struct {
	// Tokens are those of who asks. Required.
	Tokens rest.TokenSource
	// Client sends the request. Required.
	Client *http.Client
}

// parse returns the name of a version.
func parse(reference string) ([]string, error) {
	parts := strings.Split(strings.TrimPrefix(reference, Scheme+"://"), "/")
	if len(parts) == 4 {
		parts = append(parts, "versions", "latest")
	}
	if len(parts) != 6 || parts[0] != "projects" || parts[2] != "secrets" || parts[4] != "versions" {
		return nil, ErrReference
	}
	for _, part := range parts {
		if strings.Trim(part, ".") == "" || strings.Trim(part, characters) != "" {
			return nil, ErrReference
		}
	}
	return parts, nil
}

// characters are those of the names of projects, secrets and versions.
const characters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:"

// Read returns the secret that a reference names. No error shows it.
func Read(ctx context.Context, c Config, reference string) (secret.Text, error) {
	parts, err := parse(reference)
	if err != nil {
		return secret.Text{}, err
	}
	client, err := rest.NewClient(rest.Endpoint{Service: service, Tokens: c.Tokens, Client: c.Client})
	if err != nil {
		return secret.Text{}, err
	}
	parts[5] += ":access"
	answer, err := client.Do(ctx, rest.Request{Method: http.MethodGet, URL: client.URL(nil, append([]string{"v1"}, parts...)...)})
	if err != nil {
		return secret.Text{}, explain(err)
	}
	var got struct {
		Payload struct {
			Data []byte `json:"data"`
		} `json:"payload"`
	}
	// A JSON error could quote the secret.
	if json.Unmarshal(answer.Body, &got) != nil || len(got.Payload.Data) == 0 {
		return secret.Text{}, errors.New("the answer of Secret Manager holds no secret")
	}
	return secret.New(string(got.Payload.Data)), nil
}

func explain(err error) error {
	answer, ok := errors.AsType[*rest.Error](err)
	switch {
	case ok && answer.Status == http.StatusUnauthorized:
		return fmt.Errorf("%w; log in anew: the access token is wrong or over", err)
	case ok && answer.Status == http.StatusForbidden:
		return fmt.Errorf("%w; it takes the role roles/secretmanager.secretAccessor on the secret", err)
	case ok && answer.Status == http.StatusNotFound:
		return fmt.Errorf("%w; it has no such version, or is in another project", err)
	}
	return err
}
