package keyvault_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/azure/keyvault"
	"github.com/dt-functions/dt-functions/shared/secret"
)

// tokens gives a token that names what it is for.
type tokens struct{ err error }

func (s tokens) Token(_ context.Context, resource string) (secret.Text, error) {
	return secret.New("token-MARK for " + resource), s.err
}

// elsewhere sends what is for a vault to a server of the test's.
type elsewhere struct{ server *httptest.Server }

func (e elsewhere) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != "https" || !strings.Contains(strings.ToLower(r.URL.Host), ".vault.") {
		return nil, errors.New("a request to " + r.URL.Host)
	}
	r = r.Clone(r.Context())
	r.Host = r.URL.Host
	r.URL.Scheme, r.URL.Host = "http", e.server.Listener.Addr().String()
	return e.server.Client().Transport.RoundTrip(r)
}

func serve(t *testing.T, h http.HandlerFunc) keyvault.Config {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return keyvault.Config{Tokens: tokens{}, Client: &http.Client{Transport: elsewhere{server}}}
}

func TestRead(t *testing.T) {
	var got string
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = r.Method + " " + r.Host + r.URL.String() + " with " + strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer token-MARK for ")
		_, _ = w.Write([]byte(`{"value":"the s3cret MARK","id":"https://v.vault.azure.net/secrets/dt/1","attributes":{"enabled":true}}`))
	})
	for reference, want := range map[string]string{
		"azure-keyvault://v.vault.azure.net/secrets/dt":         "GET v.vault.azure.net/secrets/dt?api-version=7.4 with https://vault.azure.net",
		"azure-keyvault://v.vault.azure.net/secrets/dt/":        "GET v.vault.azure.net/secrets/dt?api-version=7.4 with https://vault.azure.net",
		"azure-keyvault://v.vault.azure.net/secrets/dt/0a1":     "GET v.vault.azure.net/secrets/dt/0a1?api-version=7.4 with https://vault.azure.net",
		"https://v.vault.azure.net/secrets/dt/0a1":              "GET v.vault.azure.net/secrets/dt/0a1?api-version=7.4 with https://vault.azure.net",
		"https://V-1.Vault.Azure.Net/secrets/dt":                "GET V-1.Vault.Azure.Net/secrets/dt?api-version=7.4 with https://vault.azure.net",
		"azure-keyvault://v.vault.azure.cn/secrets/dt":          "GET v.vault.azure.cn/secrets/dt?api-version=7.4 with https://vault.azure.cn",
		"azure-keyvault://v.vault.usgovcloudapi.net/secrets/dt": "GET v.vault.usgovcloudapi.net/secrets/dt?api-version=7.4 with https://vault.usgovcloudapi.net",
	} {
		if !keyvault.IsReference(reference) {
			t.Errorf("%s is no reference", reference)
		}
		text, err := keyvault.Read(t.Context(), c, reference)
		if err != nil || text.Reveal() != "the s3cret MARK" || got != want {
			t.Errorf("%s: %v, asked %s", reference, err, got)
		}
	}
}

func TestFaults(t *testing.T) {
	answer := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}
	}
	tests := map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"no permission": {answer(403, `{"error":{"code":"Forbidden","message":"MARK"}}`), "Key Vault Secrets User"},
		"not there":     {answer(404, `{"error":{"code":"SecretNotFound"}}`), "the vault has no such secret"},
		"token over":    {answer(401, ``), "log in anew"},
		"no JSON":       {answer(200, `the s3cret MARK`), "holds no secret"},
		"another type":  {answer(200, `{"value":["MARK"]}`), "holds no secret"},
		"cut off":       {answer(200, `{"value":"MARK`), "holds no secret"},
		"empty":         {answer(200, `{"value":""}`), "holds no secret"},
		"nothing":       {answer(200, ``), "holds no secret"},
		"redirected": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://example.com/MARK", http.StatusFound)
		}, "redirects are not followed"},
		"hangs": {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "deadline"},
		"torn":  {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "v.vault.azure.net"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
			defer cancel()
			got, err := keyvault.Read(ctx, serve(t, test.answer), "azure-keyvault://v.vault.azure.net/secrets/dt")
			if err == nil || !got.IsZero() || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "MARK") {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}

func TestNotLoggedIn(t *testing.T) {
	c := keyvault.Config{Tokens: tokens{errors.New("log in first")}, Client: http.DefaultClient}
	_, err := keyvault.Read(t.Context(), c, "https://v.vault.azure.net/secrets/dt")
	if err == nil || !strings.Contains(err.Error(), "log in first") || strings.Contains(err.Error(), "MARK") {
		t.Errorf("got %v", err)
	}
}

// A token is sent to a vault alone.
func TestReferences(t *testing.T) {
	never := keyvault.Config{Tokens: tokens{}, Client: &http.Client{Transport: elsewhere{}}}
	for _, reference := range []string{
		"", "dt", "https://example.com/secrets/dt", "https://vault.azure.net/secrets/dt", "https://.vault.azure.net/secrets/dt",
		"https://v.vault.azure.net.example.com/secrets/dt", "https://example.com/v.vault.azure.net/secrets/dt", "https://v.vault.azure.net/keys/dt",
		"https://v.vault.azure.net/secrets/", "https://v.vault.azure.net/secrets/dt/1/more", "https://v.vault.azure.net:444/secrets/dt",
		"https://u:p@v.vault.azure.net/secrets/dt", "https://v.vault.azure.net/secrets/dt?x=y", "https://v.vault.azure.net/secrets/dt#x",
		"http://v.vault.azure.net/secrets/dt", "azure-keyvault:v.vault.azure.net/secrets/dt", "https://a/b.vault.azure.net/secrets/dt",
		"https://v.vault.azure.net/secrets/..", "https://v.vault.azure.net/secrets/a%2f..%2fb", "https://v.vault.azure.net/secrets/a_b",
		"https://v.vault.azure.net/secrets//1", "@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/dt)", "https://v.w.vault.azure.net/secrets/dt",
		"https://%zz.vault.azure.net/secrets/dt",
	} {
		if keyvault.IsReference(reference) {
			t.Errorf("%q is a reference", reference)
		}
		if _, err := keyvault.Read(t.Context(), never, reference); !errors.Is(err, keyvault.ErrReference) {
			t.Errorf("%q: %v", reference, err)
		}
	}
}

func FuzzReference(f *testing.F) {
	for _, text := range []string{
		"azure-keyvault://v.vault.azure.net/secrets/dt", "https://v.vault.azure.cn/secrets/dt/1", "https://v.vault.azure.net\\@example.com/secrets/dt", "https://v.vault.azure.net/secrets/%2e%2e/x",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		c := keyvault.Config{Tokens: tokens{}, Client: &http.Client{Transport: check{t, cancel}}}
		if _, err := keyvault.Read(ctx, c, text); err == nil {
			t.Error("a secret came from nowhere")
		} else if keyvault.IsReference(text) == errors.Is(err, keyvault.ErrReference) {
			t.Errorf("%q: %v, and IsReference says the opposite", text, err)
		}
	})
}

type check struct {
	t    *testing.T
	once context.CancelFunc
}

func (c check) RoundTrip(r *http.Request) (*http.Response, error) {
	host := strings.ToLower(r.URL.Host)
	known := strings.HasSuffix(host, ".vault.azure.net") || strings.HasSuffix(host, ".vault.azure.cn") || strings.HasSuffix(host, ".vault.usgovcloudapi.net")
	if r.URL.Scheme != "https" || !known || !strings.HasPrefix(r.URL.EscapedPath(), "/secrets/") || strings.Contains(r.URL.EscapedPath(), "%") {
		c.t.Errorf("asks %s", r.URL)
	}
	c.once()
	return nil, errors.New("offline")
}
