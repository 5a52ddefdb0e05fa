// Package s3 opens checkpoints in buckets of Amazon S3.
package s3

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/dt-functions/dt-functions/aws/awsapi"
	"github.com/dt-functions/dt-functions/shared/checkpoint"
	"github.com/dt-functions/dt-functions/shared/checkpoint/s3"
)

// Scheme is that of the URLs of checkpoints.
const Scheme = "aws-s3"

// Open returns what opens checkpoints:
//
//	aws-s3://bucket/prefix?region=eu-west-1
//
// Nothing is called before the first document.
func Open(client *awsapi.Client) checkpoint.OpenFunc {
	return func(_ context.Context, u *url.URL) (checkpoint.Store, error) {
		const form = "want aws-s3://BUCKET/PREFIX, and ?region=REGION for another region than the function's"
		query, err := url.ParseQuery(u.RawQuery)
		if err != nil || u.User != nil || u.Fragment != "" || u.Opaque != "" || strings.Contains(u.Host, ":") {
			return nil, errors.New(form)
		}
		region := query.Get("region")
		query.Del("region")
		if len(query) > 0 {
			return nil, errors.New(form)
		}
		service, err := client.Service("s3", region, "")
		if err != nil {
			return nil, err
		}
		store, err := s3.New(s3.Config{
			Endpoint: service.Endpoint(), Region: service.Region(), Bucket: u.Host, Prefix: strings.Trim(u.Path, "/"),
			// An endpoint of one's own has no names for buckets; the certificate of S3
			// does not fit buckets with a dot.
			PathStyle: service.Moved() || strings.Contains(u.Host, "."),
			Credentials: func(ctx context.Context) (s3.Credentials, error) {
				c, err := client.Credentials(ctx)
				return s3.Credentials(c), err
			},
			Client: client.HTTP(), Now: client.Now,
		})
		if err != nil {
			return nil, fmt.Errorf("%w; %s", err, form)
		}
		return store, nil
	}
}
