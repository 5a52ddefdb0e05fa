package hosttest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httputil"
	"net/url"
)

// What the host adds to requests (HttpWorkerConstants.cs).
const (
	versionHeader    = "X-Azure-Functions-HostVersion"
	invocationHeader = "X-Azure-Functions-InvocationId"
	hostVersion      = "4.1040.300.25317"
	invocationID     = "0fd2aef8-9d3c-4b2c-8d3d-6b7a3f1f4c55"
)

// serve is the app as the world sees it.
func (h *Host) serve(w http.ResponseWriter, r *http.Request) {
	route, ok := h.find(r.Method, r.URL.Path)
	switch {
	case !ok:
		w.WriteHeader(http.StatusNotFound)
	case route.single && h.mode == Proxying:
		h.proxy(w, r)
	case route.single && h.mode == Forwarding:
		h.forward(w, r)
	default:
		h.wrap(w, r, route.function)
	}
}

// proxy streams a request and its answer.
func (h *Host) proxy(w http.ResponseWriter, r *http.Request) {
	target, err := url.Parse(h.base)
	if err != nil {
		panic(err) // it is made of a port
	}
	proxy := httputil.ReverseProxy{
		Transport: h.client.Transport,
		Rewrite: func(p *httputil.ProxyRequest) {
			p.SetURL(target)
			addHeaders(p.Out.Header)
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	proxy.ServeHTTP(w, r)
}

// forward sends a copy of a request. Its body is copied only if its length was
// announced: a chunked one is lost.
func (h *Host) forward(w http.ResponseWriter, r *http.Request) {
	var body io.Reader = http.NoBody
	if r.ContentLength > 0 {
		all, err := io.ReadAll(r.Body)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		body = bytes.NewReader(all)
	}
	h.send(w, r, r.Method, r.URL.Path, r.Header, body, func(answer *http.Response, body []byte) {
		maps.Copy(w.Header(), answer.Header)
		w.WriteHeader(answer.StatusCode)
		_, _ = w.Write(body)
	})
}

// wrap posts a request as JSON to the function's name. The body becomes a text, so
// that bytes which are not UTF-8 are lost.
func (h *Host) wrap(w http.ResponseWriter, r *http.Request, function string) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	envelope, err := json.Marshal(map[string]any{
		"Data": map[string]any{"req": map[string]any{
			"Url": "http://" + r.Host + r.URL.RequestURI(), "Method": r.Method, "Query": map[string]string{},
			"Headers": r.Header, "Params": map[string]string{}, "Identities": []any{}, "Body": string(body),
		}},
		"Metadata": map[string]any{
			"Headers": r.Header, "Query": map[string]string{},
			"sys": map[string]string{"MethodName": function, "UtcNow": "2026-01-02T03:04:05.0000000Z", "RandGuid": invocationID},
		},
	})
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	header := http.Header{"Content-Type": {"application/json; charset=utf-8"}}
	h.send(w, r, http.MethodPost, "/"+function, header, bytes.NewReader(envelope), func(answer *http.Response, body []byte) {
		var result struct {
			Outputs struct {
				Res struct {
					StatusCode int
					Body       string
				}
			}
		}
		if answer.StatusCode < 200 || answer.StatusCode > 299 || json.Unmarshal(body, &result) != nil {
			w.WriteHeader(http.StatusInternalServerError) // the function has failed
			return
		}
		w.WriteHeader(result.Outputs.Res.StatusCode)
		_, _ = io.WriteString(w, result.Outputs.Res.Body)
	})
}

// send sends a request to the handler and hands its answer on.
func (h *Host) send(w http.ResponseWriter, in *http.Request, method, path string, header http.Header, body io.Reader, done func(*http.Response, []byte)) {
	out, err := http.NewRequestWithContext(in.Context(), method, h.base+path, body)
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	out.Header = header.Clone()
	for _, hop := range []string{"Connection", "Transfer-Encoding", "Content-Length"} {
		out.Header.Del(hop)
	}
	addHeaders(out.Header)
	out.Header.Add("User-Agent", "Azure-Functions-Host/"+hostVersion)
	answer, err := h.client.Do(out)
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	done(answer, text)
}

func addHeaders(header http.Header) {
	header.Set(versionHeader, hostVersion)
	header.Set(invocationHeader, invocationID)
}

// errFailed is a failed run, as the host would show it.
func errFailed(status int, body []byte) error {
	return fmt.Errorf("the function failed: the handler answered %d: %.1000s", status, body)
}
