package dtapi_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"unicode"
	"unicode/utf8"

	"github.com/dt-functions/dt-functions/shared/dtapi"
	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/secret/secrettest"
)

func sentinels() []error {
	return []error{
		dtapi.ErrInvalid, dtapi.ErrUnauthenticated, dtapi.ErrForbidden, dtapi.ErrNotFound, dtapi.ErrConflict,
		dtapi.ErrRateLimited, dtapi.ErrUnavailable, dtapi.ErrMalformed,
	}
}

// Each status is one of the errors and none of the others, and says what to do.
func TestStatuses(t *testing.T) {
	for status, test := range map[int]struct {
		is     error
		remedy string
	}{
		400: {dtapi.ErrInvalid, ""},
		401: {dtapi.ErrUnauthenticated, "DT_SERVICE_ACCOUNT_KEY_ID"},
		403: {dtapi.ErrForbidden, "needs the role project.user or higher in project " + project},
		404: {dtapi.ErrNotFound, "check the name"},
		405: {nil, ""},
		409: {dtapi.ErrConflict, "look at it again"},
		412: {dtapi.ErrConflict, ""},
		429: {dtapi.ErrRateLimited, "send less at a time"},
		500: {dtapi.ErrUnavailable, "try again later"},
		501: {dtapi.ErrUnavailable, ""},
		503: {dtapi.ErrUnavailable, "try again later"},
		599: {dtapi.ErrUnavailable, ""},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := &world{api: func(int, handled) (*http.Response, error) { return failing(status, "X-Request-Id", "r-17") }}
			_, err := w.client(t).Connector(t.Context(), connector)
			for _, sentinel := range sentinels() {
				if got := errors.Is(err, sentinel); got != (sentinel == test.is) {
					t.Errorf("%d: is %v: %v", status, sentinel, got)
				}
			}
			var e *dtapi.Error
			if !errors.As(err, &e) || e.Status != status || e.Method != "GET" || e.Path != "/"+string(connector) || e.Message != "it is so" || e.RequestID != "r-17" || e.Help != "https://docs.example/error" {
				t.Fatalf("%d: %#v", status, err)
			}
			for _, want := range []string{test.remedy, "dtapi: GET /" + string(connector), "it is so", "see https://docs.example/error", "(request r-17)"} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%d: %v does not say %q", status, err, want)
				}
			}
			if (e.Role != "") != (status == 403) {
				t.Errorf("%d: role %q", status, e.Role)
			}
		})
	}
}

// The whole of an error, as people see it.
func TestErrorText(t *testing.T) {
	w := &world{api: func(int, handled) (*http.Response, error) {
		return respond(403, http.Header{"X-Request-Id": {"abc"}}, `{"error":"missing permission","code":403,"help":"https://docs.d21s.com/error/#403"}`)
	}}
	err := w.client(t).DeleteConnector(t.Context(), connector)
	const want = "dtapi: DELETE /" + string(connector) + ": 403 Forbidden: missing permission; the service account needs the role project.developer or higher in project " + project +
		"; a new service account is a member of no project, not even of its own; see https://docs.d21s.com/error/#403 (request abc)"
	if err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

// Who lacks a role is told which one, and where.
func TestRoles(t *testing.T) {
	w := &world{api: func(int, handled) (*http.Response, error) { return failing(403) }}
	c, ctx := w.client(t), t.Context()
	for _, d := range deeds() {
		want := dtapi.RoleDeveloper
		if d.name == "get" {
			want = dtapi.RoleUser
		}
		err := d.do(ctx, c)
		var e *dtapi.Error
		if !errors.As(err, &e) || e.Role != want || !strings.Contains(err.Error(), "the role "+want+" or higher in project "+project) {
			t.Errorf("%s: %v", d.name, err)
		}
	}
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"devices":      {first(c.Devices(ctx, dtapi.DeviceQuery{Project: "p"})), "project.user or higher in project p;"},
		"organization": {first(c.Devices(ctx, dtapi.DeviceQuery{Organization: "o"})), "project.user or higher in the organization or its projects;"},
		"events":       {first(c.Events(ctx, dtapi.EventQuery{Device: device})), "project.user or higher in project " + project},
		"any project":  {first(c.Events(ctx, dtapi.EventQuery{Device: "projects/-/devices/d"})), "project.user or higher in the project;"},
	} {
		if !errors.Is(test.err, dtapi.ErrForbidden) || !strings.Contains(test.err.Error(), test.want) {
			t.Errorf("%s: %v, want %s", name, test.err, test.want)
		}
	}
}

func TestErrorBodies(t *testing.T) {
	type parts struct{ Message, Code, Help string }
	recorded := vectors(t, "rest_api.json")
	const help = "https://docs.d21s.com/error/#409"
	for body, want := range map[string]parts{
		string(recorded["error_body"]):                               {"already exists", "409", help},
		string(recorded["error_body_old_docs"]):                      {"already exists", "409", help},
		`{"error":{"code":401,"message":"inner"}}`:                   {"inner", "401", ""},
		`{"code":5,"message":"of a gateway","details":[]}`:           {"of a gateway", "5", ""},
		`{"error":"invalid_grant","error_description":"clock skew"}`: {"invalid_grant: clock skew", "", ""},
		`{"error":"a\u001b[31mred\nline\u202e"}`:                     {"a [31mred line", "", ""},
		`{"error":null,"code":null,"help":null}`:                     {"", "", ""},
		`{"error":[1,2]}`:                                            {"", "", ""},
		`{"error":"x","help":"javascript:alert(1)"}`:                 {"x", "", ""},
		`{"error":"x","help":"https://a.example/\n x"}`:              {"x", "", "https://a.example/ x"},
		``:                           {"", "", ""},
		`{}`:                         {"", "", ""},
		`{"error":"torn`:             {`answered with application/problem+json instead of JSON: {"error":"torn`, "", ""},
		"<html>\n<title>502</title>": {"answered with application/problem+json instead of JSON: <html> <title>502</title>", "", ""},
		`{"error":"` + strings.Repeat("é", 400) + `"}`:            {strings.Repeat("é", 300) + "…", "", ""},
		`{"error":"x","code":"` + strings.Repeat("c", 400) + `"}`: {"x", strings.Repeat("c", 128) + "…", ""},
		"\xff\xfe": {"answered with application/problem+json instead of JSON: �", "", ""},
		`{"error":"` + strings.Repeat("long ", 20000) + `"}`:             {"answered with application/problem+json instead of JSON: " + (`{"error":"` + strings.Repeat("long ", 20000))[:300-len("answered with application/problem+json instead of JSON: ")] + "…", "", ""},
		`{"error":"x","code":12345678901234567890123456789012345678e+5}`: {"x", "12345678901234567890123456789012345678e+5", ""},
	} {
		w := &world{api: func(int, handled) (*http.Response, error) {
			return respond(409, http.Header{"Content-Type": {"application/problem+json; charset=utf-8"}}, body)
		}}
		_, err := w.client(t).Connector(t.Context(), connector)
		var e *dtapi.Error
		if !errors.As(err, &e) || (parts{e.Message, e.Code, e.Help}) != want {
			t.Errorf("%.80s: got %+v\nwant %+v", body, e, want)
		}
		checkLine(t, err.Error())
	}
}

// checkLine sees that text is one line that harms no terminal.
func checkLine(t *testing.T, text string) {
	t.Helper()
	if len(text) > 4000 || !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }) {
		t.Errorf("not one short line: %q", text)
	}
}

// An API may repeat what it refuses. None of that is in the error, however it is
// written.
func TestErrorsShowNoSecret(t *testing.T) {
	const odd = `MARK "quoted" & <odd> / 100%`
	change := secretChange()
	(*change.Headers)["X-Odd"] = secret.New(odd)
	(*change.Headers)["X-Beginning"] = secret.New("MARK-sig") // of another secret
	echo := func(_ int, r handled) (*http.Response, error) {
		var body any
		_ = json.Unmarshal([]byte(r.Body), &body)
		message, _ := json.Marshal(r.Header.Get("Authorization") + " " + r.Body + " " + odd + " MARK-query-3 MARK-password-4")
		return respond(400, http.Header{"X-Request-Id": {"MARK-signature-1"}}, `{"error":`+string(message)+`,"code":"MARK-header-2","help":"https://a.example/MARK-header-2"}`)
	}
	for name, handler := range map[string]func(int, handled) (*http.Response, error){
		"JSON":    echo,
		"no JSON": func(_ int, r handled) (*http.Response, error) { return respond(400, nil, "no: "+r.Body) },
	} {
		for _, set := range []func(*dtapi.Config){withToken, func(*dtapi.Config) {}} {
			w := &world{api: handler}
			var observed string
			c := w.client(t, set, func(c *dtapi.Config) {
				c.Observe = func(call dtapi.Call) {
					if call.Err != nil {
						observed += call.Err.Error() + call.RequestID
					}
				}
			})
			_, updated := c.UpdateConnector(t.Context(), connector, change)
			_, created := c.CreateConnector(t.Context(), project, dtapi.Connector{Type: dtapi.TypeHTTPPush, HTTP: &dtapi.HTTPConfig{
				URL: *change.URL, SignatureSecret: *change.SignatureSecret, Headers: *change.Headers,
			}})
			for _, shown := range []string{updated.Error(), created.Error(), observed} {
				for _, s := range append(slices.Concat(hidden, urlHidden), keySecret, "access-token-a", odd, "YzE4cnMzNm9sdjkwMjFlcHN2Mmc6") {
					secrettest.CheckHidden(t, name, shown, s)
				}
				// In other forms, and what is left of one when its beginning is another.
				for _, s := range []string{`MARK \"quoted`, "quoted%22", "nature-1"} {
					if strings.Contains(shown, s) {
						t.Errorf("%s shows %s", shown, s)
					}
				}
				if !strings.Contains(shown, "[redacted]") {
					t.Errorf("%s: nothing was taken out of %s", name, shown)
				}
			}
		}
	}
}
