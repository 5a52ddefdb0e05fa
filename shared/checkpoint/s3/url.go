package s3

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/dt-functions/dt-functions/shared/checkpoint"
	"github.com/dt-functions/dt-functions/shared/secret"
)

// Scheme is that of the URLs that [Opener] takes.
const Scheme = "s3"

// The names of the variables that a store's keys are in, the ones that S3's own tools
// read too. IBM Cloud calls such keys HMAC credentials.
const (
	VariableAccessKeyID     = "AWS_ACCESS_KEY_ID"
	VariableSecretAccessKey = "AWS_SECRET_ACCESS_KEY"
	VariableSessionToken    = "AWS_SESSION_TOKEN"
	VariableRegion          = "AWS_REGION"
)

// defaultRegion is what stores that have no regions take in a signature.
const defaultRegion = "us-east-1"

// Access is how stores that are not Amazon's own are reached.
type Access struct {
	// Environment has the variables named above.
	Environment map[string]string
	// Client sends the requests; nil means one of its own.
	Client *http.Client
	// Now is the clock that requests are signed by; nil means time.Now.
	Now func() time.Time
}

// Opener returns what opens checkpoints in any store that speaks S3's API:
//
//	s3://s3.eu-de.cloud-object-storage.appdomain.cloud/bucket/prefix?region=eu-de
//
// The store is called by https, on this machine itself by http. Without region it is
// that of the environment, or us-east-1. Nothing is called before the first document.
func Opener(a Access) checkpoint.OpenFunc {
	return func(_ context.Context, u *url.URL) (checkpoint.Store, error) {
		const form = "want s3://HOST/BUCKET/PREFIX, and ?region=REGION where it is not in " + VariableRegion
		query, err := url.ParseQuery(u.RawQuery)
		if err != nil || u.User != nil || u.Fragment != "" || u.Opaque != "" || u.Host == "" {
			return nil, errors.New(form)
		}
		region := cmp.Or(query.Get("region"), a.Environment[VariableRegion], defaultRegion)
		query.Del("region")
		if len(query) > 0 {
			return nil, errors.New(form)
		}
		keys := Credentials{
			AccessKeyID:     a.Environment[VariableAccessKeyID],
			SecretAccessKey: secret.New(a.Environment[VariableSecretAccessKey]),
			SessionToken:    secret.New(a.Environment[VariableSessionToken]),
		}
		if keys.AccessKeyID == "" || keys.SecretAccessKey.IsZero() {
			return nil, errors.New("the keys of the store are missing: set " + VariableAccessKeyID + " and " + VariableSecretAccessKey)
		}
		bucket, prefix, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
		store, err := New(Config{
			Endpoint: endpoint(u), Region: region, Bucket: bucket, Prefix: strings.Trim(prefix, "/"), PathStyle: true,
			Credentials: func(context.Context) (Credentials, error) { return keys, nil },
			Client:      a.Client, Now: a.Now,
		})
		if err != nil {
			return nil, fmt.Errorf("%w; %s", err, form)
		}
		return store, nil
	}
}

func endpoint(u *url.URL) string {
	if ip := net.ParseIP(u.Hostname()); ip != nil && ip.IsLoopback() {
		return "http://" + u.Host
	}
	return "https://" + u.Host
}
