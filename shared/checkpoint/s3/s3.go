// Package s3 keeps checkpoints in objects of Amazon S3, and of other stores that speak
// its API and write conditionally, such as IBM Cloud Object Storage.
//
// It is a few signed requests and no more, since the SDK's client for S3 would be
// larger than all the rest of the program.
package s3

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/dt-functions/dt-functions/shared/checkpoint"
	"github.com/dt-functions/dt-functions/shared/secret"
)

// Credentials are what requests are signed with.
type Credentials struct {
	AccessKeyID     string
	SecretAccessKey secret.Text
	SessionToken    secret.Text // zero for keys that last
}

// Config says where the objects are.
type Config struct {
	// Endpoint is the store's URL, such as https://s3.eu-west-1.amazonaws.com.
	Endpoint string
	// Region is what the signature names; required.
	Region string
	Bucket string
	// Prefix is what the objects' names begin with; a slash is put after it. It may be
	// empty.
	Prefix string
	// PathStyle puts the bucket in the path, not in the host.
	PathStyle bool
	// Credentials are asked for each request; required.
	Credentials func(ctx context.Context) (Credentials, error)
	// Client sends the requests; nil means one of its own.
	Client *http.Client
	// Now is the clock that requests are signed by; nil means time.Now.
	Now func() time.Time
	// Random marks what is saved; nil means crypto/rand.
	Random io.Reader
	// Attempts is how often a request is sent at most; 0 means 4.
	Attempts int
	// Pause returns how long to wait before the attempt of that number, the first
	// repetition being 1; nil means a random time that doubles.
	Pause func(attempt int) time.Duration
}

// A Store is a [checkpoint.Store]. A document's revision is its object's ETag.
//
// A save is a PUT with If-None-Match or If-Match (S3 User Guide, "Conditional
// writes"). An ETag may be nothing but a hash of what is in the object, so each save
// puts a mark of its own before the document: the same document saved again is another
// revision, and a save whose answer was lost knows its own work.
type Store struct {
	config Config
	signer *v4.Signer
	base   *url.URL // of the objects, ending in a slash
	closed atomic.Bool
}

var _ checkpoint.Store = (*Store)(nil)

// New returns a Store. Nothing is sent before the first Load or Save.
func New(c Config) (*Store, error) {
	base, err := baseURL(c)
	if err != nil {
		return nil, err
	}
	switch {
	case c.Region == "":
		return nil, errors.New("s3: a region is required")
	case c.Credentials == nil:
		return nil, errors.New("s3: credentials are required")
	}
	if c.Client == nil {
		c.Client = newHTTPClient()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Random == nil {
		c.Random = rand.Reader
	}
	if c.Attempts <= 0 {
		c.Attempts = 4
	}
	if c.Pause == nil {
		c.Pause = pause
	}
	// S3 signs the path as it is, where all others escape it once more.
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
	return &Store{config: c, signer: signer, base: base}, nil
}

func newHTTPClient() *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			DialContext:         (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
			TLSHandshakeTimeout: 5 * time.Second,
			IdleConnTimeout:     90 * time.Second,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// baseURL returns where the objects are.
func baseURL(c Config) (*url.URL, error) {
	u, err := url.Parse(c.Endpoint)
	switch {
	case err != nil || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "":
		// The error quotes what may be a password.
		return nil, errors.New("s3: the endpoint is not a URL with a host")
	case u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname())):
		return nil, errors.New("s3: the endpoint is not https")
	case !isBucket(c.Bucket):
		return nil, fmt.Errorf("s3: %.63q is not the name of a bucket", c.Bucket)
	case !isPrefix(c.Prefix):
		return nil, errors.New("s3: a prefix has letters, digits and -_./ in it, and no . or .. between slashes")
	}
	path := strings.TrimSuffix(u.Path, "/")
	if c.PathStyle {
		path += "/" + c.Bucket
	} else {
		u.Host = c.Bucket + "." + u.Host
	}
	if prefix := strings.Trim(c.Prefix, "/"); prefix != "" {
		path += "/" + prefix
	}
	u.Path = path + "/"
	return u, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// isBucket reports whether name can be a bucket's (S3 User Guide, "Bucket naming
// rules"), as far as it could change a URL.
func isBucket(name string) bool {
	return len(name) >= 3 && len(name) <= 63 && !strings.ContainsFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '.'
	})
}

// isPrefix reports whether a prefix needs no escaping, on which signer and store could
// differ.
func isPrefix(prefix string) bool {
	const longest = 100 // with the longest key, the name is within S3's 1,024 bytes
	for part := range strings.SplitSeq(prefix, "/") {
		if part == "." || part == ".." {
			return false
		}
	}
	return len(prefix) <= longest && !strings.ContainsFunc(prefix, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("-_./", r)
	})
}

// Close ends the use of the store.
func (s *Store) Close() error {
	s.closed.Store(true)
	return nil
}
