package storage

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/dt-functions/dt-functions/shared/secret"
)

// sharedKey authorizes with an account's key ("Authorize with Shared Key").
type sharedKey struct {
	account string
	key     secret.Text
}

func (k sharedKey) Authorize(_ context.Context, r *http.Request, body []byte) error {
	mac := hmac.New(sha256.New, []byte(k.key.Reveal()))
	mac.Write([]byte(stringToSign(k.account, r, len(body))))
	r.Header.Set("Authorization", "SharedKey "+k.account+":"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	return nil
}

// stringToSign returns what is signed of a request with a body of length bytes.
func stringToSign(account string, r *http.Request, length int) string {
	contentLength := ""
	if length > 0 {
		contentLength = strconv.Itoa(length)
	}
	lines := []string{r.Method, r.Header.Get("Content-Encoding"), r.Header.Get("Content-Language"), contentLength}
	// Date stays empty: x-ms-date is there, among the canonicalized headers.
	for _, name := range []string{
		"Content-MD5", "Content-Type", "Date", "If-Modified-Since", "If-Match", "If-None-Match", "If-Unmodified-Since", "Range",
	} {
		lines = append(lines, r.Header.Get(name))
	}
	lines = append(lines, canonicalHeaders(r.Header)...)
	return strings.Join(append(lines, canonicalResource(account, r.URL)), "\n")
}

// canonicalHeaders returns a line for each header that begins with x-ms-.
func canonicalHeaders(header http.Header) []string {
	var lines []string
	for name, values := range header {
		if name = strings.ToLower(name); strings.HasPrefix(name, "x-ms-") {
			lines = append(lines, name+":"+strings.Join(values, ","))
		}
	}
	slices.Sort(lines)
	return lines
}

// canonicalResource returns the account, the path and the query, in their order.
func canonicalResource(account string, u *url.URL) string {
	var b strings.Builder
	b.WriteString("/" + account + u.EscapedPath())
	query := u.Query()
	names := make([]string, 0, len(query))
	for name := range query {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		values := slices.Sorted(slices.Values(query[name]))
		b.WriteString("\n" + strings.ToLower(name) + ":" + strings.Join(values, ","))
	}
	return b.String()
}
