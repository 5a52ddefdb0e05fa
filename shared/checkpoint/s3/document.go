package s3

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/dt-functions/dt-functions/shared/checkpoint"
)

// An object is a mark of markSize random bytes as hexadecimal digits and a line break,
// and after it the document.
const (
	markSize  = 16
	headerLen = 2*markSize + 1
)

// errForm means that somebody else has written the object.
var errForm = errors.New("the object is not a checkpoint; remove it, or give checkpoints a prefix of their own")

// Load implements [checkpoint.Store].
func (s *Store) Load(ctx context.Context, key string) (checkpoint.Document, error) {
	if err := s.usable(ctx, checkpoint.CheckKey(key)); err != nil {
		return checkpoint.Document{}, err
	}
	object, revision, err := s.get(ctx, key)
	if err != nil || revision == "" {
		return checkpoint.Document{}, err
	}
	if !isObject(object) {
		return checkpoint.Document{}, fmt.Errorf("s3: %s: %w", s.object(key).Path, errForm)
	}
	return checkpoint.Document{Data: object[headerLen:], Revision: revision}, nil
}

// Save implements [checkpoint.Store].
func (s *Store) Save(ctx context.Context, key string, data []byte, revision string) (string, error) {
	if err := s.usable(ctx, checkpoint.CheckSave(key, data)); err != nil {
		return "", err
	}
	if revision != "" && !isETag(revision) {
		return "", checkpoint.ErrConflict // no object has it
	}
	object, err := s.newObject(data)
	if err != nil {
		return "", err
	}
	header := http.Header{"Content-Type": {"application/octet-stream"}}
	if revision == "" {
		header.Set("If-None-Match", "*")
	} else {
		header.Set("If-Match", revision)
	}
	resp, _, uncertain, err := s.send(ctx, http.MethodPut, key, header, object)
	if err == nil {
		return etag(resp)
	}
	var e *Error
	conflict := errors.As(err, &e) && (e.Status == http.StatusPreconditionFailed || e.Status == http.StatusConflict || e.Status == http.StatusNotFound && e.Code != "NoSuchBucket")
	if !conflict {
		return "", err
	}
	if uncertain {
		// An attempt before this one may have been the one that changed the object.
		present, now, getErr := s.get(ctx, key)
		if getErr != nil {
			return "", getErr
		}
		if bytes.Equal(present, object) {
			return now, nil
		}
	}
	return "", fmt.Errorf("%w (%s)", checkpoint.ErrConflict, e.Code)
}

// usable returns why nothing can be done: the store is closed, ctx has ended, or given.
func (s *Store) usable(ctx context.Context, given error) error {
	if s.closed.Load() {
		return checkpoint.ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return given
}

// get returns an object and its revision, "" if there is none.
func (s *Store) get(ctx context.Context, key string) (object []byte, revision string, err error) {
	resp, object, _, err := s.send(ctx, http.MethodGet, key, nil, nil)
	var e *Error
	if errors.As(err, &e) && e.Status == http.StatusNotFound && e.Code != "NoSuchBucket" {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	if revision, err = etag(resp); err != nil {
		return nil, "", err
	}
	return object, revision, nil
}

// newObject puts a mark before data.
func (s *Store) newObject(data []byte) ([]byte, error) {
	var mark [markSize]byte
	if _, err := io.ReadFull(s.config.Random, mark[:]); err != nil {
		return nil, fmt.Errorf("s3: %w", err)
	}
	object := make([]byte, 0, headerLen+len(data))
	object = hex.AppendEncode(object, mark[:])
	object = append(object, '\n')
	return append(object, data...), nil
}

func isObject(object []byte) bool {
	if len(object) < headerLen || object[headerLen-1] != '\n' {
		return false
	}
	_, err := hex.DecodeString(string(object[:headerLen-1]))
	return err == nil
}

// isETag reports whether text is an ETag, in its quotation marks (RFC 9110, section
// 8.8.3). It goes into a header.
func isETag(text string) bool {
	if len(text) < 2 || len(text) > 200 || text[0] != '"' || text[len(text)-1] != '"' {
		return false
	}
	return !strings.ContainsFunc(text[1:len(text)-1], func(r rune) bool { return r <= ' ' || r > '~' || r == '"' })
}

// etag returns the revision that an answer names.
func etag(resp *http.Response) (string, error) {
	tag := resp.Header.Get("Etag")
	if !strings.HasPrefix(tag, `"`) {
		tag = `"` + tag + `"` // some stores leave the marks out
	}
	if tag == `""` || !isETag(tag) {
		return "", errors.New("s3: the answer has no ETag")
	}
	return tag, nil
}

// maxName is the longest name of an object, in bytes, less what a prefix adds.
const maxName = 900

// objectName returns the name of a document's object without the prefix. A name that
// would be too long ends in a hash of the key instead.
func objectName(key string) string {
	name := checkpoint.EscapeKey(key)
	if len(name) <= maxName {
		return name
	}
	sum := sha256.Sum256([]byte(key))
	return name[:maxName-2*len(sum)-1] + "~" + hex.EncodeToString(sum[:])
}
