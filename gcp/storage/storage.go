// Package storage keeps checkpoints in Cloud Storage, an object each, by the JSON API.
// Its revisions are the objects' generations, and an object is only written under a
// condition on its generation, so that two runs cannot overwrite each other's.
package storage

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/dt-functions/dt-functions/gcp/rest"
	"github.com/dt-functions/dt-functions/shared/checkpoint"
)

const (
	// Scheme is that of the store's URLs: gcp-storage://bucket/prefix
	Scheme = "gcp-storage"
	// EmulatorVariable is the name of the variable that Config.Emulator is from.
	EmulatorVariable = "STORAGE_EMULATOR_HOST"

	service = "https://storage.googleapis.com"
)

// Config says how buckets are reached.
type Config struct {
	// Emulator is the emulator's address, with or without http://
	// (STORAGE_EMULATOR_HOST); "" for none.
	Emulator string
	// Tokens are the service account's. Required without an emulator.
	Tokens rest.TokenSource
	// Client sends the requests. Required.
	Client *http.Client
}

// Opener returns what opens such stores, reached as c says.
func Opener(c Config) checkpoint.OpenFunc {
	return func(_ context.Context, u *url.URL) (checkpoint.Store, error) {
		bucket, prefix, err := parseLocation(u)
		if err != nil {
			return nil, err
		}
		client, err := rest.NewClient(rest.Endpoint{
			Service: service, Emulator: c.Emulator, Variable: EmulatorVariable, Tokens: c.Tokens, Client: c.Client,
		})
		if err != nil {
			return nil, err
		}
		return &store{client: client, bucket: bucket, prefix: prefix}, nil
	}
}

type store struct {
	client *rest.Client
	bucket string
	prefix string // what the objects' names begin with, the slash included
	closed atomic.Bool
}

// Load implements [checkpoint.Store].
func (s *store) Load(ctx context.Context, key string) (checkpoint.Document, error) {
	if err := s.usable(ctx, checkpoint.CheckKey(key)); err != nil {
		return checkpoint.Document{}, err
	}
	answer, err := s.client.Do(ctx, rest.Request{
		Method: http.MethodGet,
		URL:    s.client.URL(url.Values{"alt": {"media"}}, "storage", "v1", "b", s.bucket, "o", s.object(key)),
	})
	if isMissingObject(err) {
		return checkpoint.Document{}, nil
	}
	if err != nil {
		return checkpoint.Document{}, s.explain("loading", err)
	}
	if len(answer.Body) > checkpoint.MaxSize {
		return checkpoint.Document{}, fmt.Errorf("loading checkpoint: %w: object %s in bucket %s has more than %d bytes; delete it", checkpoint.ErrDamaged, s.object(key), s.bucket, checkpoint.MaxSize)
	}
	revision := answer.Header.Get("X-Goog-Generation")
	if !isGeneration(revision) {
		return checkpoint.Document{}, errors.New("loading checkpoint: the answer has no generation, so it is not Cloud Storage's")
	}
	// Never nil, which would mean that there is no document.
	return checkpoint.Document{Data: answer.Body, Revision: revision}, nil
}

// Save implements [checkpoint.Store]. It is tried again only where it was refused
// unseen, as for more than one write a second to the same object: tried again after
// it had been done, it would be a conflict with itself.
func (s *store) Save(ctx context.Context, key string, data []byte, revision string) (string, error) {
	if err := s.usable(ctx, checkpoint.CheckSave(key, data)); err != nil {
		return "", err
	}
	generation := "0" // there must be no such object
	if revision != "" {
		if !isGeneration(revision) {
			return "", checkpoint.ErrConflict // no object has such a generation
		}
		generation = revision
	}
	answer, err := s.client.Do(ctx, rest.Request{
		Method: http.MethodPost,
		URL: s.client.URL(url.Values{"uploadType": {"media"}, "name": {s.object(key)}, "ifGenerationMatch": {generation}},
			"upload", "storage", "v1", "b", s.bucket, "o"),
		ContentType: "application/octet-stream",
		Body:        bytes.Clone(data), // the transport may read it a little longer
		Once:        true,
	})
	if err != nil {
		return "", s.explain("saving", err)
	}
	var object struct {
		Generation string `json:"generation"`
	}
	if err := json.Unmarshal(answer.Body, &object); err != nil || !isGeneration(object.Generation) {
		return "", errors.New("saving checkpoint: the answer has no generation, so it is not Cloud Storage's")
	}
	return object.Generation, nil
}

// Close implements [checkpoint.Store].
func (s *store) Close() error {
	s.closed.Store(true)
	return nil
}

func (s *store) object(key string) string { return s.prefix + checkpoint.EscapeKey(key) }

func (s *store) usable(ctx context.Context, err error) error {
	if err != nil {
		return err
	}
	if s.closed.Load() {
		return checkpoint.ErrClosed
	}
	return ctx.Err()
}

// isGeneration reports whether text is an object's generation, as it is written. 0 is
// none: in a condition it means that there is no object.
func isGeneration(text string) bool {
	n, err := strconv.ParseInt(text, 10, 64)
	return err == nil && n > 0 && strconv.FormatInt(n, 10) == text
}

// isMissingObject reports whether an answer says that there is no such object. Without
// the bucket the status is the same.
func isMissingObject(err error) bool {
	answer, ok := errors.AsType[*rest.Error](err)
	return ok && answer.Status == http.StatusNotFound && !strings.Contains(answer.Detail, "bucket does not exist")
}

// explain returns err as what it means for a checkpoint, with what to do about it.
func (s *store) explain(doing string, err error) error {
	if answer, ok := errors.AsType[*rest.Error](err); ok {
		switch answer.Status {
		case http.StatusPreconditionFailed:
			return fmt.Errorf("%w: %w", checkpoint.ErrConflict, err)
		case http.StatusNotFound:
			err = fmt.Errorf("%w; make the bucket, or correct its name", err)
		case http.StatusForbidden, http.StatusUnauthorized:
			// Without the right to list, an object that is missing is a 403 too.
			err = fmt.Errorf("%w; give the function's service account the role roles/storage.objectUser on the bucket (a new role takes some minutes)", err)
		}
	}
	return fmt.Errorf("%s checkpoint in bucket %s: %w", doing, s.bucket, err)
}
