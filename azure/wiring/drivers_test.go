package wiring_test

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/dt-functions/dt-functions/azure/wiring"
)

// A service that speaks HTTP/2 is spoken to by HTTP/1.1, and the names of headers
// arrive as they are.
func TestServiceTransport(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Proto) }))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	transport := wiring.ServiceTransport()
	transport.TLSClientConfig = &tls.Config{RootCAs: server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs}
	answer, err := (&http.Client{Transport: transport}).Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if body, err := io.ReadAll(answer.Body); err != nil || string(body) != "HTTP/1.1" {
		t.Errorf("%s, %v", body, err)
	}
}

func TestHeaderNames(t *testing.T) {
	raw := make(chan string, 1)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			raw <- err.Error()
			return
		}
		defer conn.Close()
		var head strings.Builder
		for lines := bufio.NewScanner(conn); lines.Scan() && lines.Text() != ""; {
			head.WriteString(lines.Text() + "\n")
		}
		_, _ = io.WriteString(conn, "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")
		raw <- head.String()
	}()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+listener.Addr().String(), http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header = map[string][]string{"eventType": {`"touch"`}}
	answer, err := (&http.Client{Transport: wiring.ServiceTransport()}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if head := <-raw; !strings.Contains(head, "\neventType: \"touch\"\n") {
		t.Errorf("sent %q", head)
	}
}
