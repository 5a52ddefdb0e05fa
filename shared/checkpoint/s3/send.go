package s3

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/dt-functions/dt-functions/shared/checkpoint"
)

// attemptTimeout is how long one attempt may take.
const attemptTimeout = 10 * time.Second

// An Error is a refusal by the store, found with [errors.As].
type Error struct {
	Method  string
	Path    string
	Status  int
	Code    string // such as "AccessDenied"; "" when none was given
	Message string // at most 300 bytes
}

func (e *Error) Error() string {
	return strings.TrimSuffix(fmt.Sprintf("s3: %s %s: %d %s: %s", e.Method, e.Path, e.Status, e.Code, e.Message), ": ")
}

// temporary reports whether the same request may pass later.
func (e *Error) temporary() bool {
	return e.Status >= http.StatusInternalServerError || e.Status == http.StatusTooManyRequests || e.Code == "RequestTimeout" || e.Code == "SlowDown"
}

// pause is at most 100 ms, 200 ms, 400 ms and so on.
func pause(attempt int) time.Duration {
	return rand.N(100*time.Millisecond<<(attempt-1)) + time.Millisecond
}

// send sends a request until it passes, cannot pass, or has been sent often enough.
// uncertain means that an attempt before the last failed without telling whether it
// was done.
func (s *Store) send(ctx context.Context, method, key string, header http.Header, body []byte) (resp *http.Response, answer []byte, uncertain bool, err error) {
	for attempt := 1; ; attempt++ {
		resp, answer, err = s.attempt(ctx, method, key, header, body)
		var e *Error
		refused := errors.As(err, &e)
		if err == nil || ctx.Err() != nil || attempt >= s.config.Attempts || refused && !e.temporary() || errors.Is(err, errNotSent) {
			return resp, answer, uncertain, err
		}
		uncertain = true
		timer := time.NewTimer(s.config.Pause(attempt))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil, nil, uncertain, err
		}
	}
}

// errNotSent means that no request could be made.
var errNotSent = errors.New("not sent")

func (s *Store) attempt(ctx context.Context, method, key string, header http.Header, body []byte) (*http.Response, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	req, err := s.request(ctx, method, key, header, body)
	if err != nil {
		return nil, nil, fmt.Errorf("s3: %w: %w", errNotSent, err)
	}
	resp, err := s.config.Client.Do(req)
	if err != nil {
		if urlError, ok := errors.AsType[*url.Error](err); ok {
			err = urlError.Err
		}
		return nil, nil, fmt.Errorf("s3: %s at %s: %w", method, s.base.Host, err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, checkpoint.MaxSize+headerLen+1))
	switch {
	case resp.StatusCode != http.StatusOK:
		return nil, nil, s.newError(method, key, resp.StatusCode, answer)
	case err != nil:
		return nil, nil, fmt.Errorf("s3: the answer broke off: %w", err)
	case len(answer) > checkpoint.MaxSize+headerLen:
		return nil, nil, fmt.Errorf("s3: %s: %w", s.object(key).Path, errForm)
	}
	return resp, answer, nil
}

// request makes a signed request for the object of a key.
func (s *Store) request(ctx context.Context, method, key string, header http.Header, body []byte) (*http.Request, error) {
	credentials, err := s.config.Credentials(ctx)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, method, s.object(key).String(), bytes.NewReader(body))
	if err != nil {
		return nil, errors.New("the endpoint makes no request")
	}
	for name, values := range header {
		req.Header[name] = values
	}
	sum := sha256.Sum256(body)
	digest := hex.EncodeToString(sum[:])
	req.Header.Set("User-Agent", "dt-functions")
	req.Header.Set("X-Amz-Content-Sha256", digest)
	return req, s.signer.SignHTTP(ctx, aws.Credentials{
		AccessKeyID:     credentials.AccessKeyID,
		SecretAccessKey: credentials.SecretAccessKey.Reveal(),
		SessionToken:    credentials.SessionToken.Reveal(),
	}, req, digest, "s3", s.config.Region, s.config.Now())
}

func (s *Store) object(key string) *url.URL {
	u := *s.base
	u.Path += objectName(key)
	return &u
}

func (s *Store) newError(method, key string, status int, answer []byte) *Error {
	e := &Error{Method: method, Path: s.object(key).Path, Status: status}
	var body struct {
		Code    string
		Message string
	}
	if xml.Unmarshal(answer, &body) == nil {
		e.Code, e.Message = shown(body.Code), shown(body.Message)
	}
	return e
}

// shown returns at most 300 bytes of text from outside, on one line.
func shown(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
	if len(text) > 300 {
		text = strings.ToValidUTF8(text[:300], "")
	}
	return text
}
