package awsapi

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// maxAnswer is the longest answer, in bytes, that is read.
const maxAnswer = 4 << 20

// JSON calls an operation by one of AWS's JSON protocols. target is what the header
// X-Amz-Target names, such as "AmazonSQS.SendMessageBatch"; version is that of the
// protocol, "1.0" or "1.1". in is encoded as JSON, and the answer decoded into out
// unless that is nil.
func (s *Service) JSON(ctx context.Context, target, version string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("%s: %w", target, err)
	}
	_, operation, _ := strings.Cut(target, ".")
	header := http.Header{"Content-Type": {"application/x-amz-json-" + version}, "X-Amz-Target": {target}}
	answer, err := s.call(ctx, operation, header, body)
	if err != nil || out == nil {
		return err
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return fmt.Errorf("%s %s: the answer is not what AWS documents: %w", s.name, operation, err)
	}
	return nil
}

// Query calls an operation by AWS's query protocol and returns the answer, which is
// XML.
func (s *Service) Query(ctx context.Context, operation, version string, parameters url.Values) ([]byte, error) {
	parameters.Set("Action", operation)
	parameters.Set("Version", version)
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded; charset=utf-8"}}
	return s.call(ctx, operation, header, []byte(parameters.Encode()))
}

// call sends a request until it passes, cannot pass, or has been sent often enough.
func (s *Service) call(ctx context.Context, operation string, header http.Header, body []byte) ([]byte, error) {
	for attempt := 1; ; attempt++ {
		answer, err := s.attempt(ctx, operation, header, body)
		if err == nil || attempt >= s.client.config.Attempts || !Temporary(err) || ctx.Err() != nil {
			return answer, err
		}
		if sleep(ctx, s.client.config.Pause(attempt)) != nil {
			return nil, err // which says more than that the time was up
		}
	}
}

func (s *Service) attempt(ctx context.Context, operation string, header http.Header, body []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, s.client.config.AttemptTimeout)
	defer cancel()
	req, err := s.request(ctx, header, body)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", s.name, operation, err)
	}
	resp, err := s.client.config.Client.Do(req)
	if err != nil {
		if urlError, ok := errors.AsType[*url.Error](err); ok {
			err = urlError.Err
		}
		return nil, fmt.Errorf("%s %s at %s: %w", s.name, operation, s.endpoint.Host, err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case resp.StatusCode != http.StatusOK:
		return nil, newError(s.name, operation, resp, answer)
	case err != nil:
		return nil, fmt.Errorf("%s %s: the answer broke off: %w", s.name, operation, err)
	case len(answer) > maxAnswer:
		return nil, fmt.Errorf("%s %s: the answer is longer than %d bytes", s.name, operation, maxAnswer)
	}
	return answer, nil
}

// request makes a signed POST.
func (s *Service) request(ctx context.Context, header http.Header, body []byte) (*http.Request, error) {
	credentials, err := s.client.Credentials(ctx)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.endpoint.String(), bytes.NewReader(body))
	if err != nil {
		return nil, errors.New("the endpoint makes no request")
	}
	req.Header = header.Clone()
	req.Header.Set("User-Agent", "dt-functions")
	sum := sha256.Sum256(body)
	err = s.client.signer.SignHTTP(ctx, credentials.signing(), req, hex.EncodeToString(sum[:]), s.name, s.region, s.client.config.Now())
	if err != nil {
		return nil, fmt.Errorf("signing: %w", err)
	}
	// Without values it is not sent, and so not signed either, but tells net/http that
	// it may send again on a new connection when an idle one turns out to be dead.
	req.Header["Idempotency-Key"] = []string{}
	return req, nil
}
