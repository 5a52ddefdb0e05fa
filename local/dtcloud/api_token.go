package dtcloud

import (
	"crypto/subtle"
	"net/http"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	// TokenPath is where Handler gives access tokens, below Config.BaseURL.
	TokenPath = "/oauth2/token"
	grantType = "urn:ietf:params:oauth:grant-type:jwt-bearer"
	// tokenLife is how long an access token is valid, and an assertion at most (DT:
	// OAuth2).
	tokenLife = time.Hour
	// tokenSkew is how much the clocks of client and cloud may differ.
	tokenSkew = time.Minute
)

// An accessToken is one that was given out.
type accessToken struct {
	account *account
	expires time.Time
}

// serveToken gives an access token for an assertion (RFC 7523).
func (s *apiServer) serveToken(w http.ResponseWriter, r *http.Request) {
	// Parameters in the query are not taken (DT: OAuth2).
	r.URL.RawQuery = ""
	r.Body = http.MaxBytesReader(w, r.Body, maxAPIBody)
	if err := r.ParseForm(); err != nil || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		s.fail(w, http.StatusBadRequest, "invalid_request: want application/x-www-form-urlencoded")
		return
	}
	if r.PostForm.Get("grant_type") != grantType {
		s.fail(w, http.StatusBadRequest, "unsupported_grant_type")
		return
	}
	a, ok := s.assertedAccount(r.PostForm.Get("assertion"), s.tokenURL(r))
	if !ok {
		// DT does not tell why.
		s.fail(w, http.StatusBadRequest, "invalid_grant")
		return
	}
	c := s.cloud
	c.mu.Lock()
	now := c.clock.Now()
	for token, t := range c.tokens {
		if !now.Before(t.expires) {
			delete(c.tokens, token)
		}
	}
	token := newID(now, c.apiRandom) + newID(now, c.apiRandom)
	c.tokens[token] = accessToken{a, now.Add(tokenLife)}
	c.mu.Unlock()
	writeJSON(w, map[string]any{"access_token": token, "token_type": "Bearer", "expires_in": int(tokenLife / time.Second)})
}

// tokenURL is what an assertion is to be meant for.
func (s *apiServer) tokenURL(r *http.Request) string {
	if base := s.cloud.config.BaseURL; base != "" {
		return strings.TrimSuffix(base, "/") + TokenPath
	}
	return "http://" + r.Host + TokenPath
}

// assertedAccount returns the service account that has made an assertion.
func (s *apiServer) assertedAccount(assertion, audience string) (*account, bool) {
	var a *account
	now := s.cloud.config.TokenNow
	claims := &jwt.RegisteredClaims{}
	_, err := jwt.ParseWithClaims(assertion, claims, func(t *jwt.Token) (any, error) {
		id, _ := t.Header["kid"].(string)
		if a = s.account(id); a == nil {
			return nil, jwt.ErrTokenUnverifiable
		}
		return []byte(a.Secret.Reveal()), nil
	}, jwt.WithValidMethods([]string{"HS256"}), jwt.WithAudience(audience), jwt.WithExpirationRequired(),
		jwt.WithIssuedAt(), jwt.WithLeeway(tokenSkew), jwt.WithTimeFunc(now))
	if err != nil || claims.Issuer != a.Email || claims.IssuedAt == nil {
		return nil, false
	}
	return a, claims.ExpiresAt.Sub(claims.IssuedAt.Time) <= tokenLife+tokenSkew
}

func (s *apiServer) account(keyID string) *account {
	s.cloud.mu.Lock()
	defer s.cloud.mu.Unlock()
	return s.cloud.accounts[keyID]
}

// authenticate returns the service account that makes a request.
func (s *apiServer) authenticate(r *http.Request, expire bool) (*account, bool) {
	if keyID, password, ok := r.BasicAuth(); ok {
		a := s.account(keyID)
		return a, a != nil && a.basicAuth && subtle.ConstantTimeCompare([]byte(password), []byte(a.Secret.Reveal())) == 1
	}
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return nil, false
	}
	c := s.cloud
	c.mu.Lock()
	defer c.mu.Unlock()
	if expire {
		delete(c.tokens, token)
	}
	t, ok := c.tokens[token]
	return t.account, ok && c.clock.Now().Before(t.expires)
}
