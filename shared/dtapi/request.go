package dtapi

import (
	"net/http"
	"net/url"

	"github.com/dt-functions/dt-functions/shared/secret"
)

// A repeat says when a request may be sent again after a failure. 429 is no matter of
// it: DT answers that before it does anything.
type repeat int

const (
	// repeatAlways: doing it twice comes to the same as doing it once.
	repeatAlways repeat = iota
	// repeatUnsent: only when nothing of it has reached DT.
	repeatUnsent
)

// Limits of what is read of an answer, in bytes.
const (
	maxAnswer      = 1 << 20  // most answers are below 10 KB, a page of 100 devices below 200 KB
	maxEventAnswer = 16 << 20 // a page of 1,000 events is about 300 KB, 2 MB with many samples
	maxErrorAnswer = 64 << 10
)

// A request is one call, before it is sent.
type request struct {
	method  string
	path    string // below Config.URL
	query   url.Values
	body    []byte // nil for none
	content string // media type of body
	secrets []secret.Text
	repeat  repeat
	limit   int64 // of the answer, in bytes; 0 means maxAnswer
	inDoubt bool  // a try of it failed so that it may have been done all the same

	// For errors:
	role, scope      string // what it needs: the role, and where
	credentialRemedy string
	addressVariable  string
}

// read returns a GET request below the project.
func read(project, path string, query url.Values) *request {
	return &request{method: http.MethodGet, path: path, query: query, role: RoleUser, scope: scopeOf(project)}
}

// write returns a request below the project that changes something.
func write(method, project, path string, body []byte) *request {
	r := &request{method: method, path: path, role: RoleDeveloper, scope: scopeOf(project)}
	if body != nil {
		r.body, r.content = body, "application/json"
	}
	return r
}

func scopeOf(project string) string {
	if project == AnyProject {
		return "the project"
	}
	return "project " + project
}
