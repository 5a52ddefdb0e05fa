package identity

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/dt-functions/dt-functions/shared/secret"
)

const (
	// The Instance Metadata Service ("How to use managed identities on an Azure VM").
	metadataService = "http://169.254.169.254/metadata/identity/oauth2/token"
	metadataVersion = "2018-02-01"
	// App Service ("REST endpoint reference").
	appServiceVersion = "2019-08-01"

	maxAnswer = 64 << 10 // bytes; a token has about 2 KiB
)

// ErrUnavailable means that there is no token: no identity, no endpoint, or one that
// does not answer.
var ErrUnavailable = errors.New("managed identity is not available")

// request fetches one token.
func (c Config) request(ctx context.Context, resource string) (secret.Text, time.Time, error) {
	r, from, err := c.newRequest(ctx, resource)
	if err != nil {
		return secret.Text{}, time.Time{}, err
	}
	answer, err := c.Client.Do(r)
	if err != nil {
		// Its text has the whole URL in it.
		if urlError, ok := errors.AsType[*url.Error](err); ok {
			err = urlError.Err
		}
		return secret.Text{}, time.Time{}, fmt.Errorf("%w from %s: %w; %s", ErrUnavailable, from, err, remedy)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if answer.StatusCode != http.StatusOK {
		return secret.Text{}, time.Time{}, fmt.Errorf("%w from %s: answered %d%s; %s", ErrUnavailable, from, answer.StatusCode, fault(body), remedy)
	}
	if err != nil {
		return secret.Text{}, time.Time{}, fmt.Errorf("%w from %s: the answer broke off: %w", ErrUnavailable, from, err)
	}
	token, expires, err := parse(body)
	if err != nil {
		return secret.Text{}, time.Time{}, fmt.Errorf("%w from %s: %w", ErrUnavailable, from, err)
	}
	return token, expires, nil
}

const remedy = "give the function app an identity (or, for a user-assigned one, set AZURE_CLIENT_ID to its client id), or set a connection string"

// newRequest returns the request, and from where it asks.
func (c Config) newRequest(ctx context.Context, resource string) (*http.Request, string, error) {
	endpoint, version, from := metadataService, metadataVersion, "the Instance Metadata Service"
	if c.Endpoint != "" {
		endpoint, version, from = c.Endpoint, appServiceVersion, "IDENTITY_ENDPOINT"
	}
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" {
		return nil, "", fmt.Errorf("%w: IDENTITY_ENDPOINT is not a URL; the platform sets it", ErrUnavailable)
	}
	query := url.Values{"api-version": {version}, "resource": {resource}}
	if c.ClientID != "" {
		query.Set("client_id", c.ClientID)
	}
	u.RawQuery = query.Encode()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), http.NoBody)
	if err != nil {
		return nil, "", fmt.Errorf("%w: IDENTITY_ENDPOINT is not a URL; the platform sets it", ErrUnavailable)
	}
	if c.Endpoint != "" {
		r.Header.Set("X-Identity-Header", c.Header.Reveal())
	} else {
		r.Header.Set("Metadata", "true")
	}
	return r, from, nil
}

// parse returns the token in an answer and when it ends. Its errors have nothing of
// the answer in them.
func parse(body []byte) (secret.Text, time.Time, error) {
	var answer struct {
		AccessToken string          `json:"access_token"`
		ExpiresOn   json.RawMessage `json:"expires_on"` // Unix seconds, as text or as a number
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return secret.Text{}, time.Time{}, errors.New("the answer is not a JSON object with access_token and expires_on")
	}
	if answer.AccessToken == "" || strings.ContainsFunc(answer.AccessToken, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return secret.Text{}, time.Time{}, errors.New("the answer has no access_token that can be sent")
	}
	seconds, err := strconv.ParseInt(string(bytes.Trim(answer.ExpiresOn, `"`)), 10, 64)
	if err != nil || seconds <= 0 || seconds > 1<<40 {
		return secret.Text{}, time.Time{}, errors.New("the answer's expires_on is not a time in Unix seconds")
	}
	return secret.New(answer.AccessToken), time.Unix(seconds, 0), nil
}

// fault returns what an answer says is wrong, for an error.
func fault(body []byte) string {
	var answer struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
		Message     string `json:"message"` // App Service's
	}
	if json.Unmarshal(body, &answer) != nil {
		return ""
	}
	text := strings.TrimSpace(strings.Join([]string{answer.Error, answer.Description, answer.Message}, " "))
	if text == "" {
		return ""
	}
	return fmt.Sprintf(": %.200q", text)
}
