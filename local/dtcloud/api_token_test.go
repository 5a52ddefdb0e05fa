package dtcloud_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/dt-functions/dt-functions/local/dtcloud"
	"github.com/dt-functions/dt-functions/shared/secret"
)

// token asks for an access token.
func (a *api) token(t *testing.T, form url.Values) apiAnswer {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, a.server.URL+dtcloud.TokenPath, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return send(t, r)
}

func (a *api) assertion(t *testing.T, change func(*jwt.Token, jwt.MapClaims), key string) url.Values {
	t.Helper()
	now := a.Clock().Now().Unix()
	claims := jwt.MapClaims{"iat": now, "exp": now + 3600, "aud": a.server.URL + dtcloud.TokenPath, "iss": a.account.Email}
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, claims)
	token.Header["kid"] = a.account.KeyID
	if change != nil {
		change(token, claims)
	}
	signed, err := token.SignedString([]byte(key))
	if err != nil {
		t.Fatal(err)
	}
	return url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {signed}}
}

func TestAPIToken(t *testing.T) {
	a := newAPI(t, nil)
	good := a.account.Secret.Reveal()
	var answer struct {
		Token   string `json:"access_token"`
		Type    string `json:"token_type"`
		Expires int    `json:"expires_in"`
	}
	a.token(t, a.assertion(t, nil, good)).must(t, &answer)
	if answer.Token == "" || answer.Type != "Bearer" || answer.Expires != 3600 {
		t.Errorf("%+v", answer)
	}
	// The Terraform provider's audience is a list, and its header has no typ.
	a.token(t, a.assertion(t, func(token *jwt.Token, c jwt.MapClaims) {
		c["aud"] = []string{c["aud"].(string)}
		delete(token.Header, "typ")
	}, good)).must(t, &answer)

	use := func() int {
		r, err := http.NewRequest(http.MethodGet, a.server.URL+"/v2/projects", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+answer.Token)
		return send(t, r).status
	}
	if got := use(); got != http.StatusOK {
		t.Errorf("with a token: %d", got)
	}
	pass(t, a.Cloud, 61*time.Minute)
	if got := use(); got != http.StatusUnauthorized {
		t.Errorf("with a token of an hour ago: %d", got)
	}

	for name, form := range map[string]url.Values{
		"wrong secret":     a.assertion(t, nil, "wrong"),
		"unknown key":      a.assertion(t, func(token *jwt.Token, _ jwt.MapClaims) { token.Header["kid"] = "x" }, good),
		"no key":           a.assertion(t, func(token *jwt.Token, _ jwt.MapClaims) { delete(token.Header, "kid") }, good),
		"other audience":   a.assertion(t, func(_ *jwt.Token, c jwt.MapClaims) { c["aud"] = "https://example.com/" }, good),
		"other issuer":     a.assertion(t, func(_ *jwt.Token, c jwt.MapClaims) { c["iss"] = "somebody" }, good),
		"over":             a.assertion(t, func(_ *jwt.Token, c jwt.MapClaims) { c["exp"] = c["iat"].(int64) - 61 }, good),
		"from the future":  a.assertion(t, func(_ *jwt.Token, c jwt.MapClaims) { c["iat"] = c["iat"].(int64) + 61 }, good),
		"valid for long":   a.assertion(t, func(_ *jwt.Token, c jwt.MapClaims) { c["exp"] = c["iat"].(int64) + 7200 }, good),
		"no expiry":        a.assertion(t, func(_ *jwt.Token, c jwt.MapClaims) { delete(c, "exp") }, good),
		"no time of issue": a.assertion(t, func(_ *jwt.Token, c jwt.MapClaims) { delete(c, "iat") }, good),
		"no assertion":     {"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}},
		"no grant type":    {"assertion": a.assertion(t, nil, good)["assertion"]},
	} {
		if got := a.token(t, form); got.status != http.StatusBadRequest || !strings.Contains(got.body, `"code":400`) {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
	// Parameters in the query are not taken.
	r, err := http.NewRequest(http.MethodPost, a.server.URL+dtcloud.TokenPath+"?"+a.assertion(t, nil, good).Encode(), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if got := send(t, r); got.status != http.StatusBadRequest {
		t.Errorf("parameters in the query: %d %s", got.status, got.body)
	}
}

// An assertion as DT's Python client makes them is taken where it is meant for, at its
// time, and nowhere else.
func TestAPITokenOfDTsClient(t *testing.T) {
	v := readVectors(t).OAuth2
	key, _, _ := strings.Cut(v.Secret, " ")
	id, rest, _ := strings.Cut(v.Email, "@")
	project, _, _ := strings.Cut(rest, ".")
	for _, test := range []struct {
		name, baseURL string
		clock         time.Time
		want          int
	}{
		{"in its time", strings.TrimSuffix(v.RequestURL, dtcloud.TokenPath), time.Unix(v.Clock, 0), 200},
		{"an hour and two minutes later", strings.TrimSuffix(v.RequestURL, dtcloud.TokenPath), time.Unix(v.Clock+3720, 0), 400},
		{"at another address", "https://identity.example.com", time.Unix(v.Clock, 0), 400},
	} {
		a := newAPI(t, func(c *dtcloud.Config) {
			c.Clock, c.BaseURL = dtcloud.NewVirtualClock(test.clock), test.baseURL
		})
		name, err := a.AddProject(dtcloud.ProjectSpec{ID: project})
		if err != nil {
			t.Fatal(err)
		}
		account, err := a.AddServiceAccount(dtcloud.ServiceAccountSpec{
			ID: id, KeyID: v.KeyID, Secret: secret.New(key), Roles: map[string]string{name: dtcloud.RoleUser}, BasicAuth: true,
		})
		if err != nil {
			t.Fatal(err)
		}
		if account.Email != v.Email || account.Name != name+"/serviceaccounts/"+id {
			t.Errorf("%s is %s, want %s", account.Name, account.Email, v.Email)
		}
		r, err := http.NewRequest(v.RequestMethod, a.server.URL+dtcloud.TokenPath, strings.NewReader(v.RequestBody))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", v.RequestContentType)
		if got := send(t, r); got.status != test.want {
			t.Errorf("%s: %d %s, want %d", test.name, got.status, got.body, test.want)
		}

		// Its Basic auth, too.
		if r, err = http.NewRequest(http.MethodGet, a.server.URL+"/v2/"+name, nil); err != nil {
			t.Fatal(err)
		}
		header, value, _ := strings.Cut(readVectors(t).BasicAuth.Header, ": ")
		r.Header.Set(header, value)
		if got := send(t, r); got.status != http.StatusOK {
			t.Errorf("Basic auth: %d %s", got.status, got.body)
		}
	}
}

func TestServiceAccounts(t *testing.T) {
	a := newAPI(t, nil)
	// A new one belongs to nothing yet has an address.
	if nobody := a.addAccount(t, "", false); strings.Contains(nobody.Email, "@.") || nobody.Secret.IsZero() {
		t.Errorf("%+v", nobody)
	}
	user := map[string]string{a.project: dtcloud.RoleUser}
	if _, err := a.AddServiceAccount(dtcloud.ServiceAccountSpec{ID: "one", Roles: user}); err != nil {
		t.Fatal(err)
	}
	for name, spec := range map[string]dtcloud.ServiceAccountSpec{
		"the same again":  {ID: "one", Roles: user},
		"the same key":    {KeyID: a.account.KeyID, Roles: user},
		"a bad id":        {ID: "o/ne", Roles: user},
		"a bad key":       {KeyID: "o:ne", Roles: user},
		"an unknown role": {Roles: map[string]string{a.project: "project.king"}},
	} {
		if _, err := a.AddServiceAccount(spec); !errors.Is(err, dtcloud.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := a.AddServiceAccount(dtcloud.ServiceAccountSpec{Roles: map[string]string{"projects/x": dtcloud.RoleUser}}); !errors.Is(err, dtcloud.ErrNotFound) {
		t.Errorf("an unknown project: %v", err)
	}
}
