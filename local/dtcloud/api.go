package dtcloud

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// APIPath is where Handler serves the REST API, below Config.BaseURL.
const APIPath = "/v2"

// maxAPIBody is the longest body that the API reads, in bytes.
const maxAPIBody = 1 << 20

// APILimit is how many requests a service account may make.
type APILimit struct {
	// PerSecond is for the long run; 0 means 5, math.Inf(1) no limit.
	PerSecond float64
	// Burst is how many may come at once; 0 means 25.
	Burst int
}

// The limit of DT's older documentation: 25 requests in 5 seconds.
const (
	defaultPerSecond = 5
	defaultBurst     = 25
)

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
		"DELETE /projects/{project}/devices/{last}":              (*call).deleteDevice,
		"GET /projects/{project}/devices/{last}/events":          (*call).listEvents,
		"GET /projects/{project}/devices/{last}/labels":          (*call).listLabels,
		"POST /projects/{project}/devices/{last}/labels":         (*call).createLabel,
		"PATCH /projects/{project}/devices/{last}/labels/{key}":  (*call).patchLabel,
		"DELETE /projects/{project}/devices/{last}/labels/{key}": (*call).deleteLabel,
	}
}

// register adds the API to mux.
func (s *apiServer) register(mux *http.ServeMux) {
	mux.Handle("POST "+TokenPath, s.troubled(func(w http.ResponseWriter, r *http.Request, _ apiFate) { s.serveToken(w, r) }))
	for pattern, serve := range s.routes() {
		method, path, _ := strings.Cut(pattern, " ")
		mux.Handle(method+" "+APIPath+path, s.troubled(func(w http.ResponseWriter, r *http.Request, fate apiFate) {
			s.serve(w, r, fate, serve)
		}))
	}
	mux.HandleFunc(APIPath+"/", func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, http.StatusNotFound, "not found: there is no "+r.Method+" of this path")
	})
}

// troubled lets befall a request what the faults say.
func (s *apiServer) troubled(serve func(http.ResponseWriter, *http.Request, apiFate)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fate := s.cloud.apiFate()
		if fate.latency > 0 {
			wait(r.Context(), fate.latency)
		}
		if fate.torn {
			if fate.midway {
				w.Header().Set("Content-Length", "100")
				_, _ = io.WriteString(w, `{"nextPageToken`)
				_ = http.NewResponseController(w).Flush()
			}
			panic(http.ErrAbortHandler) // closes the connection
		}
		if fate.status != 0 {
			if fate.status == http.StatusTooManyRequests {
				w.Header().Set("Retry-After", "1")
			}
			s.fail(w, fate.status, "a fault that was asked for")
			return
		}
		serve(w, r, fate)
	})
}

func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
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

// A bucket holds the requests that an account may make at once.
type bucket struct {
	tokens float64
	time   time.Time
}

// overLimit takes a request from the account's bucket; when there is none it returns
// how long to wait.
func (c *Cloud) overLimit(a *account) time.Duration {
	limit := c.config.APILimit
	if math.IsInf(limit.PerSecond, 1) {
		return 0
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.clock.Now()
	b := c.buckets[a]
	if b == nil {
		b = &bucket{tokens: float64(limit.Burst), time: now}
		c.buckets[a] = b
	}
	b.tokens = min(b.tokens+now.Sub(b.time).Seconds()*limit.PerSecond, float64(limit.Burst))
	b.time = now
	if b.tokens >= 1 {
		b.tokens--
		return 0
	}
	return time.Duration((1 - b.tokens) / limit.PerSecond * float64(time.Second))
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
	return failure(http.StatusNotFound, "not found: there is no method :%s here", method)
}
