package sink

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

const (
	answerShown = 200       // bytes of an answer in an error
	answerRead  = 256 << 10 // bytes read so that the connection can be used again
)

// judge turns an answer into an error unless it says that the message is stored.
func (s *forwardSink) judge(resp *http.Response) error {
	defer resp.Body.Close()
	body := io.LimitReader(resp.Body, answerRead)
	// A little more than is shown, so that a secret is not cut in two there.
	start, _ := io.ReadAll(io.LimitReader(body, 4*answerShown))
	// An answer that breaks off does not change what its status says.
	_, _ = io.Copy(io.Discard, body)

	status := resp.StatusCode
	if status >= 200 && status < 300 {
		return nil
	}
	err := fmt.Errorf("POST to %s: answered %d%s", s.host, status, s.shown(start))
	switch {
	case status == http.StatusRequestEntityTooLarge:
		return fmt.Errorf("%w: %w", ErrTooLarge, err)
	case status >= 300 && status < 400:
		target := ""
		if to, parseErr := resp.Location(); parseErr == nil {
			target = ", " + redact(to)
		}
		return fmt.Errorf("%w; redirects are not followed, since the event would not arrive: set the URL to where it leads%s", err, target)
	}
	return err
}

// shown returns the start of an answer for an error, without what it repeats of
// the URL's secrets.
func (s *forwardSink) shown(answer []byte) string {
	text := string(answer)
	for _, secret := range s.secrets {
		text = strings.ReplaceAll(text, secret, "…")
	}
	text = strings.TrimSpace(text)
	if text == "" {
		return ""
	}
	if len(text) > answerShown {
		text = text[:answerShown]
	}
	return fmt.Sprintf(": %q", text)
}

// secretParts returns what of u must not be shown, where it is long enough to be
// a secret: the password and the query's values, as they are and as written.
func secretParts(u *url.URL) []string {
	password, _ := u.User.Password()
	parts := []string{u.RawQuery, password}
	for _, values := range u.Query() {
		for _, value := range values {
			parts = append(parts, value, url.QueryEscape(value))
		}
	}
	var secrets []string
	for _, part := range parts {
		if len(part) >= 4 {
			secrets = append(secrets, part)
		}
	}
	return secrets
}
