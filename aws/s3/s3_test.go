package s3_test

import (
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/aws/awsapi"
	"github.com/dt-functions/dt-functions/aws/s3"
	"github.com/dt-functions/dt-functions/shared/checkpoint"
	"github.com/dt-functions/dt-functions/shared/settings"
)

func TestOpen(t *testing.T) {
	env := settings.Environment{"AWS_REGION": "eu-west-1"}
	for url, want := range map[string]string{
		"aws-s3://bucket":                         "",
		"aws-s3://bucket/":                        "",
		"aws-s3://my.bucket/some/prefix":          "",
		"aws-s3://bucket/p?region=us-east-1":      "",
		"aws-s3://bucket/p?region=us+east":        "not an AWS region",
		"aws-s3://":                               "not the name of a bucket",
		"aws-s3://bucket/a/../b":                  "prefix",
		"aws-s3://bucket:1/p":                     "want aws-s3://",
		"aws-s3://bucket/p?regoin=us-east-1":      "want aws-s3://",
		"aws-s3://user:hunter2hunter2@bucket/pre": "want aws-s3://",
	} {
		s, err := checkpoint.Drivers{s3.Scheme: s3.Open(awsapi.New(awsapi.Config{Env: env}))}.Open(t.Context(), url)
		if want == "" {
			if err != nil {
				t.Errorf("%s: %v", url, err)
				continue
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		} else if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v, want %q", url, err, want)
		}
	}
}
