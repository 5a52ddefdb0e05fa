package mototest

import (
	"context"
	"net/http"
	"testing"
)

// NewBucket makes a bucket of S3, to be used by path.
func (s *Server) NewBucket(t *testing.T, name string) {
	t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPut, s.URL+"/"+name, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	// moto does not verify signatures; the region is in this one's scope.
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=testing/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("making a bucket: %s", resp.Status)
	}
}
