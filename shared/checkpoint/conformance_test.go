package checkpoint_test

import (
	"path/filepath"
	"testing"

	"github.com/dt-functions/dt-functions/shared/checkpoint"
	"github.com/dt-functions/dt-functions/shared/checkpoint/checkpointtest"
)

func TestFileStoreConforms(t *testing.T) {
	checkpointtest.Run(t, func(t *testing.T) checkpointtest.Options {
		dir := filepath.Join(t.TempDir(), "[check] points*")
		return checkpointtest.Options{Open: func(t *testing.T) checkpoint.Store { return open(t, dir) }}
	})
}
