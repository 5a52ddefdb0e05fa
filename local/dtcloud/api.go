package dtcloud

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
)

// APIPath is where Handler serves the REST API, below Config.BaseURL.
const APIPath = "/v2"

// maxAPIBody is the longest body that the API reads, in bytes.
const maxAPIBody = 1 << 20

// An apiServer serves the REST API.
type apiServer struct{ cloud *Cloud }

// A call is an authenticated request to the API. c.mu is not held.
type call struct {
	*apiServer
	request *http.Request
	account *account
	body    []byte
}

// An apiError is an answer other than 200.
type apiError struct {
	status  int
	message string
}

func (e *apiError) Error() string { return e.message }

func failure(status int, format string, args ...any) error {
	return &apiError{status, fmt.Sprintf(format, args...)}
}

// routes returns the methods of the API by their patterns. The last part of a path
// may end in ":" and a method of its own, which ServeMux has no pattern for.
func (s *apiServer) routes() map[string]func(*call) (any, error) {
	return map[string]func(*call) (any, error){
		"GET /projects":           (*call).listProjects,
		"GET /projects/{project}": (*call).getProject,

		"GET /projects/{project}/dataconnectors":                 (*call).listConnectors,
		"POST /projects/{project}/dataconnectors":                (*call).createConnector,
		"GET /projects/{project}/dataconnectors/{last}":          (*call).getConnector,
		"POST /projects/{project}/dataconnectors/{last}":         (*call).syncConnector,
		"PATCH /projects/{project}/dataconnectors/{last}":        (*call).patchConnector,
		"DELETE /projects/{project}/dataconnectors/{last}":       (*call).deleteConnector,
		"GET /projects/{project}/devices":                        (*call).listDevices,
		"POST /projects/{project}/devices":                       (*call).createDevice,
		"POST /projects/{project}/devices:batchUpdate":           (*call).updateLabels,
		"GET /projects/{project}/devices/{last}":                 (*call).getDevice,
		"POST /projects/{project}/devices/{last}":                (*call).publishEvent,
		"PUT /projects/{project}/devices/{last}":                 (*call).replaceDevice,
		"DELETE /projects/{project}/devices/{last}":              (*call).deleteDevice,
		"GET /projects/{project}/devices/{last}/events":          (*call).listEvents,
		"GET /projects/{project}/devices/{last}/labels":          (*call).listLabels,
		"POST /projects/{project}/devices/{last}/labels":         (*call).createLabel,
		"GET /projects/{project}/devices/{last}/labels/{key}":    (*call).getLabel,
		"PATCH /projects/{project}/devices/{last}/labels/{key}":  (*call).patchLabel,
		"DELETE /projects/{project}/devices/{last}/labels/{key}": (*call).deleteLabel,
	}
}

// prefixes are where the API is served: DT has the emulator's on a host of its own,
// which clients that want another path for it find below the second.
func prefixes() []string { return []string{APIPath, "/emulator" + APIPath} }

// register adds the API to mux.
func (s *apiServer) register(mux *http.ServeMux) {
	mux.Handle("POST "+TokenPath, s.troubled(func(w http.ResponseWriter, r *http.Request, _ apiFate) { s.serveToken(w, r) }))
	for _, prefix := range prefixes() {
		for pattern, serve := range s.routes() {
			method, path, _ := strings.Cut(pattern, " ")
			mux.Handle(method+" "+prefix+path, s.troubled(func(w http.ResponseWriter, r *http.Request, fate apiFate) {
				s.serve(w, r, fate, serve)
			}))
		}
		mux.HandleFunc(prefix+"/", func(w http.ResponseWriter, r *http.Request) {
			s.identify(w)
			if s.knows(mux, r) {
				s.fail(w, http.StatusNotImplemented, "not implemented: there is no "+r.Method+" of this path")
				return
			}
			s.fail(w, http.StatusNotFound, "not found: there is no such path")
		})
	}
}

// knows tells whether the path of r is one of the API's, with another method. 501 is
// what grpc-gateway answers then.
func (s *apiServer) knows(mux *http.ServeMux, r *http.Request) bool {
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodPut, http.MethodDelete} {
		other := r.Clone(r.Context())
		other.Method = method
		if _, pattern := mux.Handler(other); strings.HasPrefix(pattern, method+" ") {
			return true
		}
	}
	return false
}

// identify gives the answer an id, for whoever asks what became of a request.
func (s *apiServer) identify(w http.ResponseWriter) {
	c := s.cloud
	c.mu.Lock()
	c.requests++
	id := c.requests
	c.mu.Unlock()
	w.Header().Set("X-Request-Id", fmt.Sprintf("%016x", id))
}

func (s *apiServer) serve(w http.ResponseWriter, r *http.Request, fate apiFate, serve func(*call) (any, error)) {
	a, ok := s.authenticate(r, fate.expire)
	if !ok {
		s.fail(w, http.StatusUnauthorized, "unauthenticated: no valid access token")
		return
	}
	if pause := s.cloud.overLimit(a); pause > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(pause.Seconds()))))
		s.fail(w, http.StatusTooManyRequests, "too many requests")
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxAPIBody))
	if err != nil {
		s.fail(w, http.StatusBadRequest, "the body cannot be read")
		return
	}
	answer, err := serve(&call{apiServer: s, request: r, account: a, body: body})
	if err != nil {
		s.fail(w, statusOf(err), err.Error())
		return
	}
	writeJSON(w, answer)
}

func statusOf(err error) int {
	var e *apiError
	switch {
	case errors.As(err, &e):
		return e.status
	case errors.Is(err, ErrNotFound):
		return http.StatusNotFound
	}
	return http.StatusBadRequest
}

// fail answers as DT does (DT: Error Codes).
func (s *apiServer) fail(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(struct {
		Error string `json:"error"`
		Code  int    `json:"code"`
		Help  string `json:"help"`
	}{message, status, fmt.Sprintf("https://docs.d21s.com/error/#%d", status)})
}

// project returns the project of the path, in which the account has at least that
// role. c.mu is held.
func (k *call) project(role string) (*project, error) {
	p, err := k.cloud.project("projects/" + k.request.PathValue("project"))
	if err != nil {
		return nil, err
	}
	if !k.account.may(role, p) {
		return nil, failure(http.StatusForbidden, "permission denied: this takes the role %s in %s", role, p.name)
	}
	return p, nil
}

// last returns the id and the method, if any, at the end of the path.
func (k *call) last() (id, method string) {
	id, method, _ = strings.Cut(k.request.PathValue("last"), ":")
	return id, method
}

// decode reads the body into v.
func (k *call) decode(v any) error {
	if err := json.Unmarshal(k.body, v); err != nil {
		return failure(http.StatusBadRequest, "invalid argument: the body is not as it should be: %v", err)
	}
	return nil
}

// query returns a parameter, which has two spellings.
func (k *call) query(camel, snake string) []string {
	q := k.request.URL.Query()
	return append(q[camel], q[snake]...)
}

// unknown answers a method at the end of a path that there is not.
func (k *call) unknown(method string) error {
	if method == "" {
		return failure(http.StatusNotImplemented, "not implemented: there is no %s of this path", k.request.Method)
	}
	return failure(http.StatusNotFound, "not found: there is no method :%s here", method)
}
