// Package blob keeps checkpoints in Azure Blob Storage, a blob each. Its revisions
// are the blobs' ETags, and a blob is only written under a condition on it, so that
// two runs cannot overwrite each other's.
package blob

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"

	"github.com/dt-functions/dt-functions/azure/rest"
	"github.com/dt-functions/dt-functions/azure/storage"
	"github.com/dt-functions/dt-functions/shared/checkpoint"
)

// Scheme is that of the store's URLs: azure-blob://account.blob.core.windows.net/container/prefix
const Scheme = "azure-blob"

// Opener returns what opens such stores, in accounts that c reaches.
func Opener(c storage.Config) checkpoint.OpenFunc {
	return func(_ context.Context, u *url.URL) (checkpoint.Store, error) {
		path, err := containerAndPrefix(u)
		if err != nil {
			return nil, err
		}
		account, err := storage.Open(c, "blob", u.Host)
		if err != nil {
			return nil, err
		}
		return &store{account: account, path: path}, nil
	}
}

type store struct {
	account *storage.Account
	path    []string // the container, and what the blobs' names begin with
	closed  atomic.Bool
}

// blob returns the path of a key's blob.
func (s *store) blob(key string) []string {
	return append(s.path[:len(s.path):len(s.path)], checkpoint.EscapeKey(key))
}

// Load implements [checkpoint.Store].
func (s *store) Load(ctx context.Context, key string) (checkpoint.Document, error) {
	if err := s.usable(ctx, checkpoint.CheckKey(key)); err != nil {
		return checkpoint.Document{}, err
	}
	answer, err := s.account.Do(ctx, storage.Call{Method: http.MethodGet, Path: s.blob(key)})
	if storage.Code(err) == "BlobNotFound" {
		return checkpoint.Document{}, nil
	}
	if err != nil {
		return checkpoint.Document{}, explain("loading", err)
	}
	revision, err := revisionOf(answer)
	if err != nil {
		return checkpoint.Document{}, err
	}
	return checkpoint.Document{Data: answer.Body, Revision: revision}, nil
}

// Save implements [checkpoint.Store]. It is tried once: tried again after it had been
// done, it would be a conflict with itself.
func (s *store) Save(ctx context.Context, key string, data []byte, revision string) (string, error) {
	if err := s.usable(ctx, checkpoint.CheckSave(key, data)); err != nil {
		return "", err
	}
	header := map[string]string{"Content-Type": "application/octet-stream", "X-Ms-Blob-Type": "BlockBlob"}
	switch {
	case revision == "":
		header["If-None-Match"] = "*"
	case strings.ContainsFunc(revision, func(r rune) bool { return r <= ' ' || r == '"' || r > '~' }):
		return "", checkpoint.ErrConflict // no blob has such an ETag
	default:
		header["If-Match"] = `"` + revision + `"`
	}
	answer, err := s.account.Do(ctx, storage.Call{Method: http.MethodPut, Path: s.blob(key), Header: header, Body: data, Once: true})
	if err != nil {
		return "", explain("saving", err)
	}
	return revisionOf(answer)
}

// Close implements [checkpoint.Store].
func (s *store) Close() error {
	s.closed.Store(true)
	return nil
}

func (s *store) usable(ctx context.Context, err error) error {
	if err != nil {
		return err
	}
	if s.closed.Load() {
		return checkpoint.ErrClosed
	}
	return ctx.Err()
}

// revisionOf returns an answer's ETag without its quotes.
func revisionOf(answer rest.Response) (string, error) {
	tag := strings.Trim(answer.Header.Get("Etag"), `"`)
	if tag == "" {
		return "", errors.New("checkpoint: the answer has no ETag, so it is not Blob Storage's")
	}
	return tag, nil
}

// explain returns err as what it means for a checkpoint.
func explain(doing string, err error) error {
	answer, ok := errors.AsType[*rest.Error](err)
	switch {
	case !ok:
	case answer.Status == http.StatusPreconditionFailed, answer.Code == "BlobAlreadyExists":
		return fmt.Errorf("%w: %w", checkpoint.ErrConflict, err)
	case answer.Code == "ContainerNotFound":
		err = fmt.Errorf("%w; make the container", err)
	case answer.Status == http.StatusForbidden, answer.Status == http.StatusUnauthorized:
		err = fmt.Errorf("%w; give the app's identity the role Storage Blob Data Contributor on the container (a new role takes some minutes), or check %s", err, storage.Variable)
	}
	return fmt.Errorf("%s checkpoint: %w", doing, err)
}

// containerAndPrefix returns what u's path is made of ("Naming and referencing
// containers, blobs, and metadata").
func containerAndPrefix(u *url.URL) ([]string, error) {
	path := strings.Split(strings.Trim(u.Path, "/"), "/")
	container := path[0]
	switch {
	case u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Port() != "":
		return nil, errors.New("has more than a host, a container and a prefix; credentials are not part of the URL")
	case len(container) < 3 || len(container) > 63 || strings.Trim(container, "abcdefghijklmnopqrstuvwxyz0123456789-") != "",
		container[0] == '-' || container[len(container)-1] == '-' || strings.Contains(container, "--"):
		return nil, errors.New("names no container; want /container/prefix as the path, the container of 3 to 63 lower-case letters, digits and single hyphens")
	}
	for _, part := range path {
		if part == "" || part == "." || part == ".." {
			return nil, errors.New("has an empty part in its path, or one of dots")
		}
	}
	// A blob's name has at most 1,024 characters; a key takes at most 200 of them.
	if len(u.Path) > 512 {
		return nil, errors.New("has a path of more than 512 bytes")
	}
	return path, nil
}
