package secrets

import (
	"context"
	"errors"
	"fmt"

	"github.com/dt-functions/dt-functions/aws/awsapi"
	"github.com/dt-functions/dt-functions/shared/secret"
)

// The labels of a secret's versions (Secrets Manager User Guide, "What's in a Secrets
// Manager secret?").
const (
	Current  = "AWSCURRENT"
	Previous = "AWSPREVIOUS"
	Pending  = "AWSPENDING"
)

// Read returns the secret that a reference names, for who looks from outside. No error
// shows it.
func Read(ctx context.Context, client *awsapi.Client, reference string) (secret.Text, error) {
	r, ok, err := ParseReference(reference)
	switch {
	case err != nil:
		return secret.Text{}, err
	case !ok:
		return secret.Text{}, ErrReference
	}
	text, err := read(ctx, client, r)
	if err != nil {
		return secret.Text{}, fmt.Errorf("%w; check the reference, and that you have %s for it (and kms:Decrypt for its key)", err, r.action())
	}
	return secret.New(text), nil
}

// read returns the secret that r names, of the version that is in use.
func read(ctx context.Context, client *awsapi.Client, r Reference) (string, error) {
	text, err := fetch(ctx, client, r, Current)
	if err != nil {
		return "", err
	}
	return r.Extract(text)
}

// readOptional returns the secret of the version with that label; "" if there is none,
// or one of another form, from before the reference was what it is.
func readOptional(ctx context.Context, client *awsapi.Client, r Reference, stage string) (string, error) {
	text, err := fetch(ctx, client, r, stage)
	switch {
	case errors.Is(err, &awsapi.Error{Code: "ResourceNotFoundException"}):
		return "", nil
	case err != nil:
		return "", err
	}
	if text, err = r.Extract(text); err != nil {
		return "", nil
	}
	return text, nil
}

// fetch returns what the store holds. Parameters have no versions with labels.
func fetch(ctx context.Context, client *awsapi.Client, r Reference, stage string) (string, error) {
	if r.Parameter {
		return readParameter(ctx, client, r)
	}
	return readSecret(ctx, client, r, stage)
}

// readSecret calls GetSecretValue (Secrets Manager API Reference).
func readSecret(ctx context.Context, client *awsapi.Client, r Reference, stage string) (string, error) {
	service, err := client.Service("secretsmanager", r.region(), "")
	if err != nil {
		return "", err
	}
	var answer struct {
		SecretString *string
		SecretBinary []byte
	}
	err = service.JSON(ctx, "secretsmanager.GetSecretValue", "1.1", map[string]string{"SecretId": r.ID, "VersionStage": stage}, &answer)
	switch {
	case err != nil:
		return "", err
	case answer.SecretString != nil:
		return *answer.SecretString, nil
	}
	return string(answer.SecretBinary), nil
}

// readParameter calls GetParameter (Systems Manager API Reference).
func readParameter(ctx context.Context, client *awsapi.Client, r Reference) (string, error) {
	service, err := client.Service("ssm", r.region(), "")
	if err != nil {
		return "", err
	}
	var answer struct{ Parameter struct{ Value string } }
	err = service.JSON(ctx, "AmazonSSM.GetParameter", "1.1", map[string]any{"Name": r.ID, "WithDecryption": true}, &answer)
	return answer.Parameter.Value, err
}

// remedy says what to look at when a secret cannot be read.
func (r Reference) remedy() string {
	named := "the ARN"
	if r.Parameter {
		named = "the name"
	}
	return "check " + named + ", and that the function's role has " + r.action() + " for it (and kms:Decrypt for its key)"
}

// action is the permission that it takes to read the secret.
func (r Reference) action() string {
	if r.Parameter {
		return "ssm:GetParameter"
	}
	return "secretsmanager:GetSecretValue"
}

// wrap says what to do about an error.
func (r Reference) wrap(err error) error {
	return fmt.Errorf("cannot be read from where it refers to: %w; %s", err, r.remedy())
}
