//go:build platforms

package postgres_test

import (
	"context"
)

// childVariable makes the test binary another process, which does what it names.
const childVariable = "POSTGRES_TEST_CHILD"

func children() map[string]func(ctx context.Context, rawURL string) error {
	return map[string]func(context.Context, string) error{"lock": holdForEver}
}
