package secrets

import (
	"context"
	"sync"

	"github.com/dt-functions/dt-functions/aws/awsapi"
)

// Store is Secrets Manager and the Parameter Store, as package secretstore needs them.
type Store struct{ client *awsapi.Client }

// NewStore returns a Store that is called with client.
func NewStore(client *awsapi.Client) Store { return Store{client} }

// Refers implements secretstore.Store.
func (Store) Refers(value string) bool {
	_, ok, _ := ParseReference(value)
	return ok
}

// Read implements secretstore.Store: it returns the version that is in use.
func (s Store) Read(ctx context.Context, reference string) (string, error) {
	r, _, err := ParseReference(reference)
	if err != nil {
		return "", err
	}
	text, err := read(ctx, s.client, r)
	if err != nil {
		return "", r.wrap(err)
	}
	return text, nil
}

// Versions implements secretstore.Store: of Secrets Manager the current version, the one
// before and, while a rotation is under way, the one to come. Parameters have no such
// versions.
func (s Store) Versions(ctx context.Context, reference string) ([]string, error) {
	r, _, err := ParseReference(reference)
	if err != nil {
		return nil, err
	}
	if r.Parameter {
		text, err := s.Read(ctx, reference)
		return []string{text}, err
	}
	stages := [...]string{Current, Previous, Pending}
	var (
		values [len(stages)]string
		errs   [len(stages)]error
		done   sync.WaitGroup
	)
	for i, stage := range stages {
		done.Go(func() {
			if stage == Current {
				values[i], errs[i] = read(ctx, s.client, r)
			} else {
				values[i], errs[i] = readOptional(ctx, s.client, r, stage)
			}
		})
	}
	done.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, r.wrap(err)
		}
	}
	return values[:], nil
}
