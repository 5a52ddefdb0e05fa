package adaptertest

import (
	"bytes"
	"context"
	"io"
	"net/http"
)

// An HTTPTarget is a program that is spoken to by HTTP/1.1 as senders speak.
type HTTPTarget struct {
	// URL is where the connector posts to.
	URL string
	// Client sends the requests; nil means http.DefaultClient.
	Client *http.Client
}

// Do implements [Target].
func (h HTTPTarget) Do(ctx context.Context, r Request) (Response, error) {
	url := h.URL
	request, err := http.NewRequestWithContext(ctx, r.Method, url, bytes.NewReader(r.Body))
	if err != nil {
		return Response{}, err
	}
	if r.Path != "" {
		request.URL.Path = r.Path
	}
	for _, pair := range r.Header {
		// Not Add: the spelling is a part of what is tested.
		request.Header[pair[0]] = append(request.Header[pair[0]], pair[1])
	}
	if r.Chunked {
		request.ContentLength = -1
		request.Body = io.NopCloser(struct{ io.Reader }{bytes.NewReader(r.Body)})
	}
	client := h.Client
	if client == nil {
		client = http.DefaultClient
	}
	response, err := client.Do(request)
	if err != nil {
		return Response{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return Response{Status: response.StatusCode, Header: response.Header, Body: body}, err
}
