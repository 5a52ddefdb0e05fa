package platform_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/cmd/dtfn/doctor/platform"
	"github.com/dt-functions/dt-functions/shared/secret/secrettest"
	"github.com/dt-functions/dt-functions/shared/settings"
)

// token returns one in the form of Azure's, whose signature has MARK in it.
func token(t testing.TB, claims any) string {
	t.Helper()
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	return "eyJhbGciOiJSUzI1NiJ9." + base64.RawURLEncoding.EncodeToString(payload) + ".signature-MARK"
}

func audience(t testing.TB, aud string) string {
	t.Helper()
	return token(t, map[string]string{"aud": aud, "tid": "x"})
}

func TestAudience(t *testing.T) {
	tests := map[string]struct{ token, want string }{
		"storage":             {audience(t, "https://storage.azure.com/"), "https://storage.azure.com/"},
		"a namespace":         {audience(t, "https://ns.servicebus.windows.net"), "https://ns.servicebus.windows.net"},
		"Key Vault's id":      {audience(t, "cfa8b339-82a2-471a-a3c9-0fc0be7a4093"), "https://vault.azure.net"},
		"Storage's id":        {audience(t, "e406a681-f3d4-42a8-90b6-c2b029497af1"), "https://storage.azure.com"},
		"Service Bus's id":    {audience(t, "80a10ef9-8168-493d-abf9-3297c4ef6e3c"), "https://servicebus.azure.net"},
		"another id":          {audience(t, "00000000-0000-0000-0000-000000000000"), ""},
		"none":                {token(t, map[string]string{}), ""},
		"a list":              {token(t, map[string][]string{"aud": {"https://storage.azure.com/"}}), ""},
		"no object":           {token(t, "https://storage.azure.com/"), ""},
		"padded":              {"a." + base64.URLEncoding.EncodeToString([]byte(`{"aud":"https://vault.azure.net"}`)) + ".b", "https://vault.azure.net"},
		"two parts":           {"a." + base64.RawURLEncoding.EncodeToString([]byte(`{"aud":"https://vault.azure.net"}`)), ""},
		"no base64":           {"a.%%%.b", ""},
		"no JSON":             {"a." + base64.RawURLEncoding.EncodeToString([]byte("MARK")) + ".b", ""},
		"empty":               {"", ""},
		"a token of no form":  {"MARK", ""},
		"an encrypted token":  {"a.b.c.d.e", ""},
		"an audience of text": {audience(t, "storage"), ""},
	}
	for name, test := range tests {
		if got := platform.Audience(test.token); got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}

func FuzzAudience(f *testing.F) {
	f.Add(audience(f, "https://storage.azure.com/"))
	f.Add(audience(f, "cfa8b339-82a2-471a-a3c9-0fc0be7a4093"))
	f.Add("a.e30.b")
	f.Fuzz(func(t *testing.T, text string) {
		if got := platform.Audience(text); got != "" && !strings.Contains(got, "://") {
			t.Errorf("audience %q", got)
		}
	})
}

func TestAzureTokens(t *testing.T) {
	storage, bus := audience(t, "https://storage.azure.com"), audience(t, "https://servicebus.azure.net/")
	const wanted = "https://storage.azure.com/"
	tests := map[string]struct{ variable, want, says string }{
		"the one":                        {storage, storage, ""},
		"the one of several":             {bus + " " + storage, storage, ""},
		"separated by a comma":           {bus + "," + storage, storage, ""},
		"separated by a line":            {storage + "\r\n" + bus + "\n", storage, ""},
		"one that does not say for what": {"opaque-MARK", "opaque-MARK", ""},
		"another":                        {bus, "", "none of the tokens in AZURE_ACCESS_TOKEN is for https://storage.azure.com/: export AZURE_ACCESS_TOKEN=\"$(az account get-access-token --resource https://storage.azure.com/ "},
		"several that do not say":        {"opaque-MARK second-MARK", "", "several tokens are separated by blanks"},
		"one that cannot be sent":        {"töken-MARK", "", "none of the tokens"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := platform.New(platform.Config{Env: settings.Environment{platform.AzureVariable: test.variable}})
			defer p.Close()
			got, err := p.AzureToken(t.Context(), wanted)
			if got.Reveal() != test.want || (err == nil) != (test.says == "") || err != nil && (!strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "MARK")) {
				t.Errorf("error %v, want %q in it", err, test.says)
			}
		})
	}
}

func TestGoogleToken(t *testing.T) {
	for variable, want := range map[string]string{"ya29.MARK": "ya29.MARK", " ya29.MARK\n": "ya29.MARK", "Bearer ya29.MARK": "", "ya29\nMARK": ""} {
		p := platform.New(platform.Config{Env: settings.Environment{platform.GoogleVariable: variable}})
		got, err := p.GoogleToken(t.Context())
		if got.Reveal() != want || (err == nil) != (want != "") || err != nil && (!strings.Contains(err.Error(), "gcloud auth print-access-token") || strings.Contains(err.Error(), "MARK")) {
			t.Errorf("%q: error %v", variable, err)
		}
		p.Close()
	}
}

// Who is not logged in is told how that is done. The metadata services of the clouds are
// not there.
func TestNotLoggedIn(t *testing.T) {
	p := platform.New(platform.Config{Env: settings.Environment{
		"GCE_METADATA_HOST": "127.0.0.1:1", "IDENTITY_ENDPOINT": "http://127.0.0.1:1/", "IDENTITY_HEADER": "MARK", "GOOGLE_APPLICATION_CREDENTIALS": "/no/file",
	}})
	defer p.Close()
	if _, err := p.GoogleToken(t.Context()); err == nil || !strings.HasPrefix(err.Error(), `log in first: export GOOGLE_OAUTH_ACCESS_TOKEN="$(gcloud auth print-access-token)"`) {
		t.Errorf("Google: %v", err)
	}
	_, err := p.AzureToken(t.Context(), "https://vault.azure.net")
	if err == nil || !strings.HasPrefix(err.Error(), `log in first: export AZURE_ACCESS_TOKEN="$(az account get-access-token --resource https://vault.azure.net --query accessToken -o tsv)"`) ||
		strings.Contains(err.Error(), "MARK") {
		t.Errorf("Azure: %v", err)
	}
}

// However a Platform is printed, no login is in it.
func TestNothingPrinted(t *testing.T) {
	const marked = "s3cret-MARK"
	env := settings.Environment{}
	for _, name := range []string{
		platform.GoogleVariable, platform.AzureVariable, "AZURE_STORAGE_CONNECTION_STRING", "AZURE_SERVICEBUS_CONNECTION_STRING",
		"AZURE_EVENTHUBS_CONNECTION_STRING", "DATABASE_URL", "IDENTITY_HEADER",
	} {
		env[name] = marked
	}
	p := platform.New(platform.Config{Env: env})
	defer p.Close()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		secrettest.CheckHidden(t, verb, fmt.Sprintf(verb, *p), marked)
	}
}
