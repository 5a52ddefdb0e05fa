package servicebus

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/dt-functions/dt-functions/azure/buskey"
	"github.com/dt-functions/dt-functions/shared/secret"
)

const (
	// tokenLife is how long a token is good for, and tokenUse how long it is used:
	// clocks differ.
	tokenLife = time.Hour
	tokenUse  = tokenLife / 2
)

// sharedAccess authorizes with tokens that it signs with a key ("Service Bus access
// control with shared access signatures").
type sharedAccess struct {
	key      buskey.Key
	audience string
	now      func() time.Time

	mu    sync.Mutex
	token secret.Text
	until time.Time // the token is used before
}

func newSharedAccess(key buskey.Key, t target, now func() time.Time) *sharedAccess {
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
	mac := hmac.New(sha256.New, []byte(s.key.Key.Reveal()))
	mac.Write([]byte(resource + "\n" + expiry))
	signature := base64.StdEncoding.EncodeToString(mac.Sum(nil))
	return secret.New(fmt.Sprintf("SharedAccessSignature sr=%s&sig=%s&se=%s&skn=%s",
		resource, url.QueryEscape(signature), expiry, url.QueryEscape(s.key.Name)))
}
