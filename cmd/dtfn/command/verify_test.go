package command_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/shared/signature"
)

// A request that DT Cloud itself signed, on 2022-02-10.
const (
	realToken = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJjaGVja3N1bSI6ImYyYjVkYzA0OTY0MzcyMDFkM2NlZTE1NmMyMzNhMTMzNTYwM2Q0NjUiLCJjaGVja3N1bV9zaGEyNTYiOiJhZmQ4MWExNmJiOWMwNzZlNTdmOTI3MjhmMjg0ZmY1NTgzMWJmZGYxZDNjMmMxMGI4MzM1NjdmNTIxZDc4MmRlIiwiZXhwIjoxNjQ0NTAwNTMzLCJpYXQiOjE2NDQ0OTY5MzMsImp0aSI6ImM4MmdnOTloZ2EzNWpjMmFma2VnIn0.gm8m_HrhlOnAyS08CfR_RNYdZQIpGV6E8bk3UiAR3uo"
	realBody  = `{"event":{"eventId":"c82gg9catj3vmh4248og","targetName":"projects/c14u9p094l47cdv1o3pg/devices/emuc17m6d7lq0bgk44smcqg","eventType":"touch","data":{"touch":{"updateTime":"2022-02-10T12:42:13.313949Z"}},"timestamp":"2022-02-10T12:42:13.313949Z"},"labels":{"name":"touch"},"metadata":{"deviceId":"emuc17m6d7lq0bgk44smcqg","projectId":"c14u9p094l47cdv1o3pg","deviceType":"touch","productNumber":""}}`
)

func writeFile(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestVerifyRealRequest(t *testing.T) {
	body := writeFile(t, "body.json", realBody)
	for _, at := range []string{"1644497000", "2022-02-10T12:43:20Z", "2022-02-10T13:43:20+01:00"} {
		got := dtfn(t, "verify", "--secret", "test-secret", "--at", at, "--header", "X-Dt-Signature: "+realToken, body)
		const want = `{"checksum":"f2b5dc0496437201d3cee156c233a1335603d465","checksum_sha256":"afd81a16bb9c076e57f92728f284ff55831bfdf1d3c2c10b833567f521d782de","exp":1644500533,"iat":1644496933,"jti":"c82gg99hga35jc2afkeg"}` + "\n"
		if got.code != 0 || got.stdout != want || got.stderr != "" {
			t.Errorf("at %s: code %d, %q, %q", at, got.code, got.stdout, got.stderr)
		}
	}
	// From standard input, and with the secret from the environment.
	got := call{
		args:  []string{"verify", "--at", "1644497000", "-H", "x-dt-signature:" + realToken, "-"},
		env:   []string{"DT_SIGNATURE_SECRET=test-secret"},
		stdin: realBody,
	}.run(t.Context())
	if got.code != 0 {
		t.Errorf("standard input: code %d, %q, %q", got.code, got.stdout, got.stderr)
	}
	// Signed with the previous secret.
	got = dtfn(t, "verify", "--secret", "new", "--previous-secret", "test-secret", "--at", "1644497000", "-H", "X-Dt-Signature: "+realToken, body)
	if got.code != 0 || !strings.Contains(got.stderr, "previous secret") {
		t.Errorf("previous secret: code %d, %q, %q", got.code, got.stdout, got.stderr)
	}
}

func TestVerifyRefuses(t *testing.T) {
	body := writeFile(t, "body.json", realBody)
	changed := writeFile(t, "changed.json", strings.Replace(realBody, "c82gg9catj3vmh4248og", "c82gg9catj3vmh4248oh", 1))
	newline := writeFile(t, "newline.json", realBody+"\n")
	header := "X-Dt-Signature: " + realToken
	tests := []struct {
		name, want string
		args       []string
	}{
		{"one byte changed", "checksum-wrong", []string{"--secret", "test-secret", "--at", "1644497000", "--header", header, changed}},
		{"a line break more", "checksum-wrong", []string{"--secret", "test-secret", "--at", "1644497000", "--header", header, newline}},
		{"another secret", "signature-wrong", []string{"--secret", "Test-secret", "--at", "1644497000", "--header", header, body}},
		{"today", "token-expired", []string{"--secret", "test-secret", "--header", header, body}},
		{"a day before", "token-not-yet-valid", []string{"--secret", "test-secret", "--at", "1644410000", "--header", header, body}},
		{"no header", "signature-missing", []string{"--secret", "test-secret", body}},
		{"two headers", "signature-repeated", []string{"--secret", "test-secret", "--header", header, "--header", header, body}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := dtfn(t, append([]string{"verify"}, test.args...)...)
			var failure struct{ Error, Message string }
			if err := json.Unmarshal([]byte(got.stdout), &failure); err != nil {
				t.Fatalf("%v in %q", err, got.stdout)
			}
			if got.code != 1 || failure.Error != test.want || failure.Message == "" {
				t.Errorf("code %d, %+v; want 1 and %s", got.code, failure, test.want)
			}
			if strings.Contains(got.stdout+got.stderr, "est-secret") || strings.Contains(got.stdout+got.stderr, realToken) {
				t.Error("a secret or a token was printed")
			}
		})
	}
}

func TestVerifySHA1(t *testing.T) {
	var file struct {
		Vectors []struct {
			ID    string `json:"id"`
			Token string `json:"token"`
			Body  []byte `json:"body_base64"`
		} `json:"vectors"`
	}
	data, err := os.ReadFile("../../../shared/signature/testdata/signed_synthetic.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	for _, v := range file.Vectors {
		if v.ID != "valid-sha1-only" {
			continue
		}
		args := []string{"verify", "--secret", "test-secret", "--at", "1700000060", "-H", "X-Dt-Signature: " + v.Token, writeFile(t, "b", string(v.Body))}
		if got := dtfn(t, args...); got.code != 1 || !strings.Contains(got.stdout, "checksum-missing") {
			t.Errorf("without --allow-sha1: %d, %q", got.code, got.stdout)
		}
		if got := dtfn(t, append(args, "--allow-sha1")...); got.code != 0 {
			t.Errorf("with --allow-sha1: %d, %q", got.code, got.stdout)
		}
		return
	}
	t.Fatal("the vector is missing")
}

func TestVerifyAsymmetric(t *testing.T) {
	var file struct {
		Body         []byte          `json:"body_base64"`
		Organization string          `json:"org_id"`
		JWKS         json.RawMessage `json:"jwks"`
		Vectors      []struct {
			ID    string `json:"id"`
			Token string `json:"token"`
		} `json:"vectors"`
	}
	data, err := os.ReadFile("../../../shared/signature/testdata/asymmetric_synthetic.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	keys, body := writeFile(t, "jwks.json", string(file.JWKS)), writeFile(t, "body.json", string(file.Body))
	for _, v := range file.Vectors {
		want := map[string]string{
			"valid": "", "unknown-kid": "key-unknown", "wrong-iss": "issuer-wrong",
			"wrong-org": "organization-wrong", "wrong-checksum": "checksum-wrong", "expired": "",
		}[v.ID] // "expired" is not, at this time
		got := dtfn(t, "verify", "--organization", file.Organization, "--jwks", keys, "--at", "1700000060",
			"--header", signature.HeaderAsymmetric+": "+v.Token, body)
		if (got.code == 0) != (want == "") || !strings.Contains(got.stdout, want) {
			t.Errorf("%s: code %d, %q", v.ID, got.code, got.stdout)
		}
	}
}
