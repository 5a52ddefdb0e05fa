package dtapi

import (
	"context"
	"encoding/base64"

	"github.com/dt-functions/dt-functions/shared/secret"
)

const (
	basicRemedy = "check DT_SERVICE_ACCOUNT_KEY_ID and DT_SERVICE_ACCOUNT_SECRET; without DT_SERVICE_ACCOUNT_EMAIL Basic auth is used, which must be enabled for the service account"
	tokenRemedy = "check DT_SERVICE_ACCOUNT_KEY_ID, DT_SERVICE_ACCOUNT_SECRET and DT_SERVICE_ACCOUNT_EMAIL, that the key was not deleted, and this machine's clock"
)

// An authorizer gives requests their credential.
type authorizer interface {
	// credential returns the value of the header Authorization.
	credential(ctx context.Context) (secret.Text, error)
	// refused tells that DT has answered 401 to the credential, and reports whether
	// another one is worth a try.
	refused(credential secret.Text) bool
}

// basicAuth is Basic auth (RFC 7617): the key's id and secret with every request.
type basicAuth struct{ header secret.Text }

func newBasicAuth(c Credentials) basicAuth {
	return basicAuth{secret.New("Basic " + base64.StdEncoding.EncodeToString([]byte(c.KeyID+":"+c.Secret.Reveal())))}
}

func (b basicAuth) credential(context.Context) (secret.Text, error) { return b.header, nil }

func (basicAuth) refused(secret.Text) bool { return false }
