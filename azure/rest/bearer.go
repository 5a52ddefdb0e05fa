package rest

import (
	"context"
	"fmt"
	"net/http"

	"github.com/dt-functions/dt-functions/shared/secret"
)

// A TokenSource has access tokens for a resource, such as
// "https://storage.azure.com/"; *identity.Source is one.
type TokenSource interface {
	Token(ctx context.Context, resource string) (secret.Text, error)
}

// Bearer returns an Authorizer that authorizes with tokens for a resource.
func Bearer(tokens TokenSource, resource string) Authorizer { return bearer{tokens, resource} }

type bearer struct {
	tokens   TokenSource
	resource string
}

func (b bearer) Authorize(ctx context.Context, r *http.Request, _ []byte) error {
	token, err := b.tokens.Token(ctx, b.resource)
	if err != nil {
		return fmt.Errorf("access token for %s: %w", b.resource, err)
	}
	r.Header.Set("Authorization", "Bearer "+token.Reveal())
	return nil
}
