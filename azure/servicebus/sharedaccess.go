package servicebus

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/dt-functions/dt-functions/shared/secret"
)

const (
	// tokenLife is how long a token is good for, and tokenUse how long it is used:
	// clocks differ.
	tokenLife = time.Hour
	tokenUse  = tokenLife / 2
)

// accessKey is what a connection string says.
type accessKey struct {
	host   string
	entity string // "" if the key is the namespace's
	name   string
	key    secret.Text
}

// parseConnectionString parses Name=value;Name=value. Its errors hold no value.
func parseConnectionString(text string) (accessKey, error) {
	var k accessKey
	if strings.HasPrefix(text, "@Microsoft.KeyVault(") {
		return k, errors.New("is a Key Vault reference that the platform has not resolved; check that the app's identity may read the secret")
	}
	for part := range strings.SplitSeq(text, ";") {
		name, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		if !ok {
			if name == "" {
				continue
			}
			return k, errors.New("has a part that is not Name=value")
		}
		switch name {
		case "Endpoint":
			u, err := url.Parse(value)
			if err != nil || u.Hostname() == "" || u.Port() != "" {
				return k, errors.New("has an Endpoint that is not sb://host/")
			}
			k.host = strings.ToLower(u.Host)
		case "SharedAccessKeyName":
			k.name = value
		case "SharedAccessKey":
			k.key = secret.New(value)
		case "EntityPath":
			k.entity = value
		}
	}
	if k.host == "" || k.name == "" || k.key.IsZero() {
		return k, errors.New("has no Endpoint, no SharedAccessKeyName or no SharedAccessKey")
	}
	return k, nil
}

// sharedAccess authorizes with tokens that it signs with a key ("Service Bus access
// control with shared access signatures").
type sharedAccess struct {
	key      accessKey
	audience string
	now      func() time.Time

	mu    sync.Mutex
	token secret.Text
	until time.Time // the token is used before
}

func newSharedAccess(key accessKey, t target, now func() time.Time) *sharedAccess {
	return &sharedAccess{key: key, audience: "https://" + t.host + "/" + t.entity, now: now}
}

func (s *sharedAccess) Authorize(_ context.Context, r *http.Request, _ []byte) error {
	r.Header.Set("Authorization", s.current().Reveal())
	return nil
}

// current returns the token in use, a new one when the last has grown old.
func (s *sharedAccess) current() secret.Text {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := s.now(); !now.Before(s.until) {
		s.token, s.until = s.sign(now.Add(tokenLife)), now.Add(tokenUse)
	}
	return s.token
}

func (s *sharedAccess) sign(expires time.Time) secret.Text {
	resource, expiry := url.QueryEscape(s.audience), strconv.FormatInt(expires.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(s.key.key.Reveal()))
	mac.Write([]byte(resource + "\n" + expiry))
	signature := base64.StdEncoding.EncodeToString(mac.Sum(nil))
	return secret.New(fmt.Sprintf("SharedAccessSignature sr=%s&sig=%s&se=%s&skn=%s",
		resource, url.QueryEscape(signature), expiry, url.QueryEscape(s.key.name)))
}
