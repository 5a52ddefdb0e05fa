// Package checkpoint is where the function recover keeps how far it has come: one
// small document a connector, that outlives the process and that two runs at a
// time cannot overwrite for each other.
//
// It knows nothing of what is in the documents. The drivers of clouds live with
// their cloud; this package has the one for files.
package checkpoint

import (
	"context"
	"errors"
)

// ErrConflict means that a document is not of the revision that was to be
// replaced: another run has saved it in the meantime. Nothing was changed. Load it
// again, and decide anew.
var ErrConflict = errors.New("the checkpoint was changed by another run")

// ErrClosed means that the store was closed before.
var ErrClosed = errors.New("the checkpoint store is closed")

// MaxSize is the longest document, in bytes, that a store must take.
const MaxSize = 256 << 10

// A Document is what a store holds under one key.
type Document struct {
	// Data are the bytes as they were saved; nil if there is no such document.
	Data []byte
	// Revision names this state of the document, in the driver's own way. "" means
	// that there is no such document.
	Revision string
}

// A Store keeps documents. Its methods may be called from any goroutine. Package
// checkpointtest has the tests that every Store passes.
type Store interface {
	// Load returns the document of that key; the zero Document, and no error, if
	// there is none. A key is a text (UTF-8, without zero bytes) of 1 to 512 bytes,
	// such as "projects/P/dataconnectors/C"; with another, the error wraps ErrKey. A
	// document that something else has changed may be an error that wraps ErrDamaged.
	Load(ctx context.Context, key string) (Document, error)

	// Save puts data in the place of the document of that revision, "" for none,
	// and returns the new revision. When it returns nil, data is durable; when it
	// returns an error, the document is the old one or the new one, never a mixture.
	// The error wraps ErrConflict if the document is of another revision, and
	// ErrTooLarge if data is longer than MaxSize.
	Save(ctx context.Context, key string, data []byte, revision string) (string, error)

	// Close ends the use of the store.
	Close() error
}
