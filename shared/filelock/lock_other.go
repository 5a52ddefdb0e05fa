//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd || windows)

package sink

import (
	"errors"
	"fmt"
	"os"
	"runtime"
)

// openLocked refuses: two processes that write one file without a lock would
// overwrite each other's events.
func openLocked(string) (*os.File, error) {
	return nil, fmt.Errorf("file sinks need file locks: %w on %s", errors.ErrUnsupported, runtime.GOOS)
}

func syncDir(string) error { return nil }
