package awsapi_test

import (
	"net/http"
	"net/http/httptest"
)

// newRecorder returns an answer that refuses, with that body.
func newRecorder(body []byte) *http.Response {
	w := httptest.NewRecorder()
	w.WriteHeader(http.StatusBadRequest)
	_, _ = w.Write(body)
	return w.Result()
}
