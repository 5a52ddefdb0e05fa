package platform

import (
	"context"

	"github.com/dt-functions/dt-functions/shared/secret"
)

// Audience returns the resource that a token is for.
func Audience(token string) string { return audience(token) }

// AzureToken returns the token for a resource.
func (p *Platform) AzureToken(ctx context.Context, resource string) (secret.Text, error) {
	return p.azure.Token(ctx, resource)
}

// GoogleToken returns the token for Google Cloud.
func (p *Platform) GoogleToken(ctx context.Context) (secret.Text, error) { return p.google.Token(ctx) }
