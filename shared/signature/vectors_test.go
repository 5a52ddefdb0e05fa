package signature_test

import (
	"encoding/json"
	"os"
	"testing"
	"time"
)

// A vector is a request of testdata/signed_*.json or asymmetric_synthetic.json.
type vector struct {
	ID         string `json:"id"`
	Token      string `json:"token"`
	Secret     string `json:"secret"`
	Body       []byte `json:"body_base64"`
	Clock      int64  `json:"clock"`
	Expect     string `json:"expect"`
	Why        string `json:"why"`
	ValidClock int64  `json:"valid_clock"`
	Expired    int64  `json:"expired_clock"`
}

type asymmetricVectors struct {
	Body         []byte          `json:"body_base64"`
	Organization string          `json:"org_id"`
	JWKS         json.RawMessage `json:"jwks"`
	Private      struct {
		D string `json:"d"`
	} `json:"private_jwk_k1"`
	Vectors []vector `json:"vectors"`
}

func readVectors(t testing.TB, name string) []vector {
	t.Helper()
	var file struct {
		Vectors []vector `json:"vectors"`
	}
	readJSON(t, name, &file)
	if len(file.Vectors) == 0 {
		t.Fatalf("%s holds no vectors", name)
	}
	return file.Vectors
}

func readAsymmetric(t testing.TB) asymmetricVectors {
	t.Helper()
	var file asymmetricVectors
	readJSON(t, "asymmetric_synthetic.json", &file)
	if len(file.Vectors) == 0 {
		t.Fatal("no asymmetric vectors")
	}
	return file
}

func readJSON(t testing.TB, name string, into any) {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// at returns a clock that stands still.
func at(unix int64) func() time.Time {
	return func() time.Time { return time.Unix(unix, 0) }
}
