package wiring

import "net/http"

// ServiceTransport is what services are reached by.
func ServiceTransport() *http.Transport { return serviceTransport() }
