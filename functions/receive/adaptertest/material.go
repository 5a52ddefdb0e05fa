package adaptertest

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/shared/event"
	"github.com/dt-functions/dt-functions/shared/signature"
)

// A material is what one request is made of: an id of its own, and keys to sign with.
type material struct {
	t  *testing.T
	w  *world
	id string // of the event
}

func (w *world) newMaterial(t *testing.T) *material {
	t.Helper()
	id, err := event.NewID(time.Now(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &material{t: t, w: w, id: id}
}

// body returns the body of an event with that data and those labels, as JSON.
func (m *material) body(eventType, data, labels string) []byte {
	return fmt.Appendf(nil, `{"event":{"eventId":%q,"targetName":"projects/p1/devices/d1","eventType":%q,"data":%s,"timestamp":"2026-11-01T08:00:00.000000Z"},`+
		`"labels":%s,"metadata":{"deviceId":"d1","projectId":"p1","deviceType":"touch","productNumber":"100110"}}`, m.id, eventType, data, labels)
}

func (m *material) touch() []byte { return m.body("touch", `{"touch":{}}`, `{"name":"Door"}`) }

// padded returns a touch event whose body has that length.
func (m *material) padded(length int) []byte {
	body := m.body("touch", `{"touch":{},"padding":"*"}`, `{}`)
	return []byte(strings.Replace(string(body), "*", strings.Repeat("x", length-len(body)+1), 1))
}

// post returns a request as DT sends it, with those further headers.
func (m *material) post(body []byte, header ...[2]string) Request {
	return Request{Method: http.MethodPost, Body: body, Header: append([][2]string{
		{"Content-Type", "application/json"}, {"User-Agent", "DT"},
	}, header...)}
}

// signed returns a request that the current secret signs.
func (m *material) signed(body []byte, header ...[2]string) Request {
	return m.post(body, append(header, symmetric(m.token(body, currentSecret, nil)))...)
}

func symmetric(token string) [2]string { return [2]string{signature.HeaderSymmetric, token} }

// token returns a token of DT's for body, with its claims and header changed; a claim
// that is set to nil is left out.
func (m *material) token(body []byte, secret string, change map[string]any) string {
	now := time.Now().Unix()
	sum1, sum256 := sha1.Sum(body), sha256.Sum256(body)
	claims := map[string]any{
		"checksum": hex.EncodeToString(sum1[:]), "checksum_sha256": hex.EncodeToString(sum256[:]),
		"iat": now, "exp": now + 3600, "jti": "c82gg99hga35jc2afkeg",
	}
	header := map[string]any{"alg": "HS256", "typ": "JWT"}
	for name, value := range change {
		if inner, ok := strings.CutPrefix(name, "header."); ok {
			header[inner] = value
		} else {
			claims[name] = value
		}
	}
	maps.DeleteFunc(claims, func(_ string, value any) bool { return value == nil })
	signing := m.segment(header) + "." + m.segment(claims)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(signing))
	return signing + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func (m *material) segment(value map[string]any) string {
	text, err := json.Marshal(value)
	if err != nil {
		m.t.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// asymmetric returns the header by which the issuer signs a body for an organization.
func (m *material) asymmetric(body []byte, organization string) [2]string {
	signer, err := signature.NewAsymmetricSigner(m.w.key, keyID, m.w.issuer, organization)
	if err != nil {
		m.t.Fatal(err)
	}
	token, err := signer.Sign(body)
	if err != nil {
		m.t.Fatal(err)
	}
	return [2]string{signature.HeaderAsymmetric, token}
}
