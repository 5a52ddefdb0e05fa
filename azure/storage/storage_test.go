package storage_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/azure/storage"
	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/secret/secrettest"
)

// The example of "Authorize with Shared Key", and its rules for the other parts.
func TestStringToSign(t *testing.T) {
	r := func(method, rawURL string, header map[string]string) *http.Request {
		r, err := http.NewRequest(method, rawURL, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range header {
			r.Header.Set(name, value)
		}
		return r
	}
	tests := map[string]struct {
		request *http.Request
		length  int
		want    string
	}{
		"documented": {
			r("GET", "https://myaccount.blob.core.windows.net/mycontainer?restype=container&comp=metadata&timeout=20", map[string]string{
				"x-ms-version": "2015-02-21", "x-ms-date": "Fri, 26 Jun 2015 23:39:12 GMT",
			}), 0,
			"GET\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:Fri, 26 Jun 2015 23:39:12 GMT\nx-ms-version:2015-02-21\n/myaccount/mycontainer\ncomp:metadata\nrestype:container\ntimeout:20",
		},
		"with a body and a condition": {
			r("PUT", "https://myaccount.blob.core.windows.net/c/a%20b", map[string]string{
				"x-ms-blob-type": "BlockBlob", "Content-Type": "text/plain", "If-Match": `"0x1"`, "User-Agent": "x", "x-ms-date": "D",
			}), 11,
			"PUT\n\n\n11\n\ntext/plain\n\n\n\"0x1\"\n\n\n\nx-ms-blob-type:BlockBlob\nx-ms-date:D\n/myaccount/c/a%20b",
		},
		"emulator": {
			r("POST", "http://127.0.0.1:10001/myaccount/q/messages?messagettl=-1", map[string]string{"x-ms-date": "D"}), 2,
			"POST\n\n\n2\n\n\n\n\n\n\n\n\nx-ms-date:D\n/myaccount/myaccount/q/messages\nmessagettl:-1",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := storage.StringToSign("myaccount", test.request, test.length); got != test.want {
				t.Errorf("got %q\nwant %q", got, test.want)
			}
		})
	}
}

type tokens struct{}

func (tokens) Token(_ context.Context, resource string) (secret.Text, error) {
	return secret.New("token for " + resource), nil
}

// A recorder answers 201 and remembers the last request.
type recorder struct{ last *http.Request }

func (r *recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	r.last = request
	return &http.Response{StatusCode: 201, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("")), Request: request}, nil
}

func config(connection string, r http.RoundTripper) storage.Config {
	return storage.Config{
		ConnectionString: secret.New(connection), Tokens: tokens{}, Client: &http.Client{Transport: r},
		Now: func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) },
	}
}

var key = base64.StdEncoding.EncodeToString([]byte("marked-key"))

func TestDo(t *testing.T) {
	call := storage.Call{Method: "PUT", Path: []string{"con", "a b%/c"}, Query: url.Values{"x": {"1"}}, Header: map[string]string{"If-Match": "*"}}
	tests := map[string]struct {
		connection, url, authorization string
	}{
		"identity":     {"", "https://acc.blob.core.windows.net/con/a%20b%25%2Fc?x=1", "Bearer token for https://storage.azure.com/"},
		"key":          {"AccountName=acc;AccountKey=" + key, "https://acc.blob.core.windows.net/con/a%20b%25%2Fc?x=1", "SharedKey acc:"},
		"own endpoint": {"AccountName=acc;AccountKey=" + key + ";BlobEndpoint=http://127.0.0.1:10000/acc/;", "http://127.0.0.1:10000/acc/con/a%20b%25%2Fc?x=1", "SharedKey acc:"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var r recorder
			account, err := storage.Open(config(test.connection, &r), "blob", "acc.blob.core.windows.net")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := account.Do(t.Context(), call); err != nil {
				t.Fatal(err)
			}
			h := r.last.Header
			if r.last.URL.String() != test.url || !strings.HasPrefix(h.Get("Authorization"), test.authorization) || h.Get("If-Match") != "*" ||
				h.Get("x-ms-date") != "Fri, 02 Jan 2026 03:04:05 GMT" || h.Get("x-ms-version") == "" {
				t.Errorf("sent %s, %v", r.last.URL, h)
			}
		})
	}
}

func TestOpenRefuses(t *testing.T) {
	tests := map[string]struct {
		connection, host, want string
	}{
		"other service":     {"", "acc.queue.core.windows.net", "account.blob.core.windows.net"},
		"no service":        {"", "acc", "account.blob.core.windows.net"},
		"account's name":    {"", "my-account.blob.core.windows.net", "account.blob.core.windows.net"},
		"other account":     {"AccountName=other;AccountKey=" + key, "", "of another"},
		"no key":            {"AccountName=acc", "", "no AccountKey"},
		"key not base64":    {"AccountName=acc;AccountKey=marked-key", "", "AccountKey is not base64"},
		"signature":         {"AccountName=acc;SharedAccessSignature=sv=1&sig=marked-key", "", "SharedAccessSignature is not taken"},
		"no pairs":          {"marked-key", "", "not Name=value"},
		"not resolved":      {"@Microsoft.KeyVault(SecretUri=https://marked-key/)", "", "has not resolved"},
		"plain endpoint":    {"AccountName=acc;AccountKey=" + key + ";BlobEndpoint=http://example.com/", "", "BlobEndpoint is not https"},
		"endpoint's secret": {"AccountName=acc;AccountKey=" + key + ";BlobEndpoint=https://example.com/?sig=marked-key", "", "BlobEndpoint has more"},
		"endpoint":          {"AccountName=acc;AccountKey=" + key + ";BlobEndpoint=marked-key", "", "BlobEndpoint is not a URL"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			host := test.host
			if host == "" {
				host = "acc.blob.core.windows.net"
			}
			_, err := storage.Open(config(test.connection, nil), "blob", host)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("error %v, want %q in it", err, test.want)
			}
			if test.connection != "" && !strings.Contains(err.Error(), storage.Variable) {
				t.Errorf("error %v does not name the variable", err)
			}
			secrettest.CheckHidden(t, "the error", err.Error(), "marked-key")
			secrettest.CheckHidden(t, "the error", err.Error(), key)
		})
	}
}

// A configuration that is printed shows no key.
func TestConfigHidesTheKey(t *testing.T) {
	c := config("AccountName=acc;AccountKey="+key, nil)
	account, err := storage.Open(c, "blob", "acc.blob.core.windows.net")
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		shown := fmt.Sprintf(verb+verb, c, account)
		secrettest.CheckHidden(t, verb, shown, "marked-key")
		secrettest.CheckHidden(t, verb, shown, key)
	}
}

// Whatever a connection string is, there is an account or an error without its values.
func FuzzConnectionString(f *testing.F) {
	for _, s := range []string{
		"AccountName=acc;AccountKey=a2V5", "DefaultEndpointsProtocol=https;AccountName=acc;AccountKey=a2V5;EndpointSuffix=core.windows.net",
		"UseDevelopmentStorage=true", ";;=;", "AccountName=acc;AccountKey=a2V5;QueueEndpoint=http://[::1]:1/acc", "\x00",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		const marked = "ZmdoamtsbWFya2Vk"
		for _, host := range []string{"acc.blob.core.windows.net", "acc.queue.core.windows.net"} {
			_, err := storage.Open(config(s+";X="+marked, nil), strings.Split(host, ".")[1], host)
			if err != nil {
				secrettest.CheckHidden(t, "the error", err.Error(), marked)
			}
		}
	})
}
