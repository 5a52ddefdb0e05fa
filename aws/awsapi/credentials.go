package awsapi

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/dt-functions/dt-functions/shared/secret"
)

// ErrNoCredentials means that there is nothing to sign requests with.
var ErrNoCredentials = errors.New("no AWS credentials: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set (Lambda sets them from the function's role)")

// Credentials are what requests are signed with.
type Credentials struct {
	AccessKeyID     string
	SecretAccessKey secret.Text
	SessionToken    secret.Text // zero for long-lived keys
}

// Credentials returns those of the environment. Lambda gives a process its own, which
// hold for as long as it runs.
func (c *Client) Credentials(context.Context) (Credentials, error) {
	env := c.config.Env
	if env["AWS_ACCESS_KEY_ID"] == "" || env["AWS_SECRET_ACCESS_KEY"] == "" {
		return Credentials{}, ErrNoCredentials
	}
	return Credentials{
		AccessKeyID:     env["AWS_ACCESS_KEY_ID"],
		SecretAccessKey: secret.New(env["AWS_SECRET_ACCESS_KEY"]),
		SessionToken:    secret.New(env["AWS_SESSION_TOKEN"]),
	}, nil
}

// signing returns c as the signer wants it.
func (c Credentials) signing() aws.Credentials {
	return aws.Credentials{
		AccessKeyID:     c.AccessKeyID,
		SecretAccessKey: c.SecretAccessKey.Reveal(),
		SessionToken:    c.SessionToken.Reveal(),
	}
}
