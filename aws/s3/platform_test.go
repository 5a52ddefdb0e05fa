//go:build platforms

package s3_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/dt-functions/dt-functions/aws/mototest"
	"github.com/dt-functions/dt-functions/aws/s3"
	"github.com/dt-functions/dt-functions/shared/checkpoint"
	"github.com/dt-functions/dt-functions/shared/checkpoint/checkpointtest"
	objects "github.com/dt-functions/dt-functions/shared/checkpoint/s3"
)

// The URLs of stores that are not Amazon's, with keys that last.
func TestConformanceOfOtherStores(t *testing.T) {
	server := mototest.Start(t)
	host := strings.TrimPrefix(server.URL, "http://")
	drivers := checkpoint.Drivers{objects.Scheme: objects.Opener(objects.Access{Environment: map[string]string{
		objects.VariableAccessKeyID: "testing", objects.VariableSecretAccessKey: "testing", objects.VariableRegion: "us-east-1",
	}})}
	var buckets atomic.Int64
	checkpointtest.Run(t, func(t *testing.T) checkpointtest.Options {
		bucket := fmt.Sprintf("bucket-%d", buckets.Add(1))
		server.NewBucket(t, bucket)
		return checkpointtest.Options{
			Open: func(t *testing.T) checkpoint.Store {
				s, err := drivers.Open(t.Context(), "s3://"+host+"/"+bucket+"/dt/recover")
				if err != nil {
					t.Fatal(err)
				}
				return s
			},
			Writers: 1, // as below
		}
	})
}

func TestConformance(t *testing.T) {
	server := mototest.Start(t)
	var buckets atomic.Int64
	checkpointtest.Run(t, func(t *testing.T) checkpointtest.Options {
		bucket := fmt.Sprintf("bucket-%d", buckets.Add(1))
		server.NewBucket(t, bucket)
		return checkpointtest.Options{
			Open: func(t *testing.T) checkpoint.Store {
				s, err := checkpoint.Drivers{s3.Scheme: s3.Open(server.Client)}.Open(t.Context(), "aws-s3://"+bucket+"/dt/recover")
				if err != nil {
					t.Fatal(err)
				}
				return s
			},
			// moto looks at the condition and writes in two steps, between which
			// another thread may write. What is promised to several writers is tested
			// with the store of this package's sibling in shared.
			Writers: 1,
		}
	})
}
