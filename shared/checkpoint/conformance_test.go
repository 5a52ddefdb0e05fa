package checkpoint_test

import (
	"path/filepath"
	"testing"

	"github.com/dt-functions/dt-functions/shared/checkpoint"
	"github.com/dt-functions/dt-functions/shared/checkpoint/checkpointtest"
)

func openFile(t *testing.T, dir string) checkpoint.Store {
	t.Helper()
	s, err := checkpoint.Portable().Open(t.Context(), "file://"+filepath.ToSlash(dir))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestFile(t *testing.T) {
	checkpointtest.Run(t, func(t *testing.T) checkpointtest.Options {
		dir := filepath.Join(t.TempDir(), "[check] points*")
		return checkpointtest.Options{Open: func(t *testing.T) checkpoint.Store { return openFile(t, dir) }}
	})
}

func TestMemory(t *testing.T) {
	checkpointtest.Run(t, func(t *testing.T) checkpointtest.Options {
		m := checkpointtest.NewMemory()
		return checkpointtest.Options{Open: func(*testing.T) checkpoint.Store { return m.Reopen() }}
	})
}
