// Package filelock opens files that one process at a time may write.
package filelock

import "errors"

// ErrInUse means that another process, or another part of this one, has the file
// open by Open.
var ErrInUse = errors.New("another process has it open")
