package rotation

import (
	"context"
	"errors"
	"math"
	"slices"
	"time"

	"github.com/dt-functions/dt-functions/aws/awsapi"
	"github.com/dt-functions/dt-functions/aws/secrets"
	"github.com/dt-functions/dt-functions/shared/secret"
)

// A description tells which versions the secret has.
type description struct {
	stages map[string][]string // labels by version
	// current is what the current version holds; "" if there is none. It is read in
	// the step that needs it alone.
	current string
}

func (d description) has(version, stage string) bool {
	return slices.Contains(d.stages[version], stage)
}

// describe looks at the secret, and makes sure that it is the one of the settings: any
// secret can be told to be rotated by this function.
func (f *Function) describe(ctx context.Context, e Event) (description, error) {
	var answer struct {
		ARN, Name          string
		VersionIDsToStages map[string][]string
	}
	err := f.service.JSON(ctx, "secretsmanager.DescribeSecret", "1.1", map[string]string{"SecretId": e.SecretID}, &answer)
	if err != nil {
		return description{}, err
	}
	if f.config.Secret.ID != answer.ARN && f.config.Secret.ID != answer.Name {
		return description{}, errors.New("the secret is not the one that DT_SIGNATURE_SECRET refers to")
	}
	d := description{stages: answer.VersionIDsToStages}
	if e.Step == "createSecret" {
		v, err := f.get(ctx, map[string]string{"SecretId": e.SecretID, "VersionStage": secrets.Current})
		if err != nil && !isNotFound(err) {
			return description{}, err
		}
		d.current = v.SecretString
	}
	return d, nil
}

// value is the answer of GetSecretValue.
type value struct {
	SecretString string
	CreatedDate  float64 // seconds since 1970
}

func (f *Function) get(ctx context.Context, in map[string]string) (value, error) {
	var v value
	err := f.service.JSON(ctx, "secretsmanager.GetSecretValue", "1.1", in, &v)
	return v, err
}

func isNotFound(err error) bool {
	return errors.Is(err, &awsapi.Error{Code: "ResourceNotFoundException"})
}

// A pending secret is the one to come.
type pending struct {
	secret  secret.Text
	created time.Time
}

func (f *Function) pending(ctx context.Context, e Event) (pending, error) {
	v, err := f.get(ctx, map[string]string{"SecretId": e.SecretID, "VersionId": e.ClientRequestToken, "VersionStage": secrets.Pending})
	if err != nil {
		return pending{}, err
	}
	text, err := f.config.Secret.Extract(v.SecretString)
	if err != nil {
		return pending{}, err
	}
	seconds, fraction := math.Modf(v.CreatedDate)
	if v.CreatedDate <= 0 {
		return pending{}, errors.New("secretsmanager GetSecretValue: the answer does not tell when the version was made")
	}
	return pending{secret: secret.New(text), created: time.Unix(int64(seconds), int64(fraction*1e9))}, nil
}

func (f *Function) put(ctx context.Context, e Event, text string) error {
	return f.service.JSON(ctx, "secretsmanager.PutSecretValue", "1.1", map[string]any{
		"SecretId": e.SecretID, "ClientRequestToken": e.ClientRequestToken, "SecretString": text, "VersionStages": []string{secrets.Pending},
	}, nil)
}

// finish makes the pending secret the current one. The one before becomes the previous
// one, which Secrets Manager does by itself.
func (f *Function) finish(ctx context.Context, e Event, d description) error {
	in := map[string]string{"SecretId": e.SecretID, "VersionStage": secrets.Current, "MoveToVersionId": e.ClientRequestToken}
	for version := range d.stages {
		if d.has(version, secrets.Current) {
			in["RemoveFromVersionId"] = version
		}
	}
	return f.service.JSON(ctx, "secretsmanager.UpdateSecretVersionStage", "1.1", in, nil)
}
