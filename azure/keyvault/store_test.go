package keyvault_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/azure/keyvault"
	"github.com/dt-functions/dt-functions/shared/secretstore"
)

var _ secretstore.Store = keyvault.Store{}

const reference = "azure-keyvault://v.vault.azure.net/secrets/dt"

func TestRefers(t *testing.T) {
	for value, want := range map[string]bool{
		reference: true, "azure-keyvault:": true, "azure-keyvault://example.com/": true,
		"": false, "a secret": false, "https://v.vault.azure.net/secrets/dt": false, "@Microsoft.KeyVault(SecretUri=x)": false,
	} {
		if got := keyvault.NewStore(keyvault.Config{}).Refers(value); got != want {
			t.Errorf("%q: %v", value, got)
		}
	}
}

// pages answers with the text for a path and query, without the API's version; "" is a
// 404, and a number that status.
func pages(t *testing.T, answers map[string]string) keyvault.Store {
	t.Helper()
	return keyvault.NewStore(serve(t, func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		if query.Get("api-version") != "7.4" {
			t.Errorf("asked for %s", r.URL)
		}
		answer := answers[r.URL.Path+query.Get("page")]
		status := 200
		if _, err := fmt.Sscanf(answer, "%d", &status); err == nil {
			answer = ""
		} else if answer == "" {
			status = 404
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(answer))
	}))
}

func held(version, value string) string {
	return fmt.Sprintf(`{"value":%q,"id":"https://v.vault.azure.net/secrets/dt/%s"}`, value, version)
}

func listed(next string, versions ...string) string {
	var all []string
	for _, v := range versions {
		name, rest, _ := strings.Cut(v, " ")
		all = append(all, fmt.Sprintf(`{"id":"https://v.vault.azure.net/secrets/dt/%s","attributes":{"enabled":%v,"created":%s}}`, name, !strings.Contains(rest, "disabled"), strings.Fields(rest)[0]))
	}
	return fmt.Sprintf(`{"value":[%s],"nextLink":%q}`, strings.Join(all, ","), next)
}

func TestVersions(t *testing.T) {
	const page2 = "https://v.vault.azure.net/secrets/dt/versions?api-version=7.4&page=2"
	tests := map[string]struct {
		reference string
		versions  map[string]string // by path
		want      string
	}{
		"one":                  {reference, map[string]string{"/secrets/dt/versions": listed("", "c 300")}, "[new]"},
		"two":                  {reference, map[string]string{"/secrets/dt/versions": listed("", "c 300", "b 200"), "/secrets/dt/b": held("b", "old")}, "[new old]"},
		"the one before":       {reference, map[string]string{"/secrets/dt/versions": listed("", "a 100", "c 300", "b 200"), "/secrets/dt/b": held("b", "old")}, "[new old]"},
		"disabled":             {reference, map[string]string{"/secrets/dt/versions": listed("", "a 100", "c 300", "b 200 disabled"), "/secrets/dt/a": held("a", "oldest")}, "[new oldest]"},
		"all others disabled":  {reference, map[string]string{"/secrets/dt/versions": listed("", "c 300", "b 200 disabled")}, "[new]"},
		"a later one disabled": {reference, map[string]string{"/secrets/dt/versions": listed("", "d 400 disabled", "c 300", "b 200"), "/secrets/dt/b": held("b", "old")}, "[new old]"},
		"on the next page":     {reference, map[string]string{"/secrets/dt/versions": listed(page2, "c 300"), "/secrets/dt/versions2": listed("", "b 200"), "/secrets/dt/b": held("b", "old")}, "[new old]"},
		"may not be listed":    {reference, map[string]string{"/secrets/dt/versions": "403"}, "[new]"},
		"named":                {reference + "/b", map[string]string{"/secrets/dt/b": held("b", "old")}, "[old]"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			test.versions["/secrets/dt"] = held("c", "new")
			got, err := pages(t, test.versions).Versions(t.Context(), test.reference)
			if err != nil || fmt.Sprint(got) != test.want {
				t.Errorf("%v, %v; want %s", got, err, test.want)
			}
		})
	}
}

func TestVersionsFaults(t *testing.T) {
	tests := map[string]struct{ current, list, former, want string }{
		"not there":               {"", listed("", "c 300"), "", "no such secret"},
		"no permission":           {"403", "403", "", "Key Vault Secrets User"},
		"the list fails":          {held("c", "new MARK"), "400", "", "400"},
		"the list is none":        {held("c", "new MARK"), "MARK", "", "holds no secret"},
		"the list goes elsewhere": {held("c", "new MARK"), listed("https://example.com/secrets/dt/versions?MARK", "c 300"), "", "goes on elsewhere"},
		"or to another secret":    {held("c", "new MARK"), listed("https://v.vault.azure.net/secrets/other/versions", "c 300"), "", "goes on elsewhere"},
		"the former fails":        {held("c", "new MARK"), listed("", "c 300", "b 200"), "400", "400"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := pages(t, map[string]string{"/secrets/dt": test.current, "/secrets/dt/versions": test.list, "/secrets/dt/b": test.former}).Versions(t.Context(), reference)
			if err == nil || got != nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "MARK") {
				t.Errorf("%v, %v; want %q", got, err, test.want)
			}
		})
	}
	for _, bad := range []string{"azure-keyvault:", "azure-keyvault://example.com/secrets/dt"} {
		if _, err := pages(t, nil).Versions(t.Context(), bad); !errors.Is(err, keyvault.ErrReference) {
			t.Errorf("%s: %v", bad, err)
		}
		if _, err := pages(t, nil).Read(t.Context(), bad); !errors.Is(err, keyvault.ErrReference) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
