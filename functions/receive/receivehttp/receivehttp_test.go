package receivehttp_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dt-functions/dt-functions/functions/receive"
	"github.com/dt-functions/dt-functions/functions/receive/receivehttp"
)

// An echo answers every request with what it was handed.
type echo struct {
	mu   sync.Mutex
	last receive.Request
	hold func(context.Context) // called before answering, if set
}

func (e *echo) Handle(ctx context.Context, r receive.Request) receive.Answer {
	e.mu.Lock()
	e.last = r
	e.mu.Unlock()
	if e.hold != nil {
		e.hold(ctx)
	}
	status := http.StatusOK
	if r.BodyError != nil {
		status = http.StatusTeapot
	}
	return receive.Answer{Status: status, Header: map[string]string{"X-Test": "yes"}, Body: fmt.Appendf(nil, "%d %v", len(r.Body), r.BodyError)}
}

func (e *echo) request() receive.Request {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.last
}

func TestHandsOverExactBytes(t *testing.T) {
	e := &echo{}
	server := httptest.NewServer(receivehttp.NewHandler(e))
	defer server.Close()
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	small := 16 << 10
	for name, body := range map[string][]byte{
		"empty":        nil,
		"all bytes":    all,
		"below small":  bytes.Repeat([]byte("a"), small-1),
		"small":        bytes.Repeat([]byte("b"), small),
		"above small":  bytes.Repeat([]byte("c"), small+1),
		"1 MiB":        bytes.Repeat(all, receive.MaxBody/256),
		"JSON, spaced": []byte("{ \"a\" : 1.0 }\r\n"),
	} {
		for _, chunked := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, chunked %v", name, chunked), func(t *testing.T) {
				var reader io.Reader = bytes.NewReader(body)
				if chunked {
					reader = io.MultiReader(reader) // hides the length
				}
				request, err := http.NewRequest("PUT", server.URL+"/some/path?q=1", reader)
				if err != nil {
					t.Fatal(err)
				}
				request.Header.Set("x-dt-signature", "a.b.c")
				response, err := server.Client().Do(request)
				if err != nil {
					t.Fatal(err)
				}
				response.Body.Close()
				got := e.request()
				if response.StatusCode != 200 || response.Header.Get("X-Test") != "yes" {
					t.Errorf("got %s %v", response.Status, response.Header)
				}
				if got.Method != "PUT" || got.Path != "/some/path" || got.Header["X-Dt-Signature"][0] != "a.b.c" || !bytes.Equal(got.Body, body) {
					t.Errorf("handed over %s %s %v, %d bytes", got.Method, got.Path, got.Header, len(got.Body))
				}
			})
		}
	}
}

func TestTooLarge(t *testing.T) {
	e := &echo{}
	server := httptest.NewServer(receivehttp.NewHandler(e))
	defer server.Close()
	for _, chunked := range []bool{false, true} {
		var reader io.Reader = bytes.NewReader(make([]byte, receive.MaxBody+1))
		if chunked {
			reader = io.MultiReader(reader)
		}
		response, err := server.Client().Post(server.URL, "application/json", reader)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if got := e.request(); got.BodyError != receive.ErrBodyTooLarge || got.Body != nil {
			t.Errorf("chunked %v: handed over %d bytes, %v", chunked, len(got.Body), got.BodyError)
		}
	}
}

// However many large bodies come, only so many are in memory, and small ones
// are served meanwhile.
func TestLargeBodiesAreBounded(t *testing.T) {
	const maxLarge = 64
	arrived, release := make(chan struct{}, 200), make(chan struct{})
	e := &echo{}
	e.hold = func(context.Context) {
		if r := e.request(); len(r.Body) > 16<<10 {
			arrived <- struct{}{}
			<-release
		}
	}
	server := httptest.NewServer(receivehttp.NewHandler(e))
	defer server.Close()
	post := func(size int) string {
		response, err := server.Client().Post(server.URL, "application/json", bytes.NewReader(make([]byte, size)))
		if err != nil {
			return err.Error()
		}
		defer response.Body.Close()
		answer, _ := io.ReadAll(response.Body)
		return string(answer)
	}
	var wait sync.WaitGroup
	for range maxLarge {
		wait.Go(func() {
			if got := post(100_000); got != "100000 <nil>" {
				t.Errorf("large: %s", got)
			}
		})
	}
	for range maxLarge {
		<-arrived
	}
	if got := post(100_000); !strings.Contains(got, receive.ErrOverloaded.Error()) {
		t.Errorf("one large body more: %s", got)
	}
	if got := post(500); got != "500 <nil>" {
		t.Errorf("a small body meanwhile: %s", got)
	}
	close(release)
	wait.Wait()
	e.hold = nil
	if got := post(100_000); got != "100000 <nil>" {
		t.Errorf("afterwards: %s", got)
	}
}

// A pipeListener is a network in memory, so that timeouts run in fake time.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipeListener() *pipeListener {
	return &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
}

func (l *pipeListener) dial() net.Conn {
	client, server := net.Pipe()
	l.conns <- server
	return client
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return &net.TCPAddr{} }

// serve runs f against a server in a bubble of fake time.
func serve(t *testing.T, e *echo, f func(t *testing.T, l *pipeListener, stop context.CancelFunc, served <-chan error)) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(context.Background())
		listener := newPipeListener()
		served := make(chan error, 1)
		go func() {
			defer close(served)
			served <- receivehttp.Serve(ctx, listener, receivehttp.NewHandler(e), slog.New(slog.DiscardHandler))
		}()
		f(t, listener, stop, served)
		stop()
		for range served { // until Serve has returned
		}
	})
}

func TestSlowSenders(t *testing.T) {
	tests := []struct {
		name, sent string
		within     time.Duration
		says       string // in the answer; "" for a connection that is just closed
	}{
		{"headers", "POST / HTTP/1.1\r\nHost: a\r\nX-Slow: ", 5 * time.Second, ""},
		{"body", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc", 10 * time.Second, receive.ErrBodyTimeout.Error()},
		{"chunk", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", 10 * time.Second, receive.ErrBodyTimeout.Error()},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			serve(t, &echo{}, func(t *testing.T, l *pipeListener, _ context.CancelFunc, _ <-chan error) {
				conn := l.dial()
				defer conn.Close()
				start := time.Now()
				if _, err := io.WriteString(conn, test.sent); err != nil {
					t.Fatal(err)
				}
				answer, _ := io.ReadAll(conn)
				if took := time.Since(start); took > test.within+time.Second {
					t.Errorf("held for %v", took)
				}
				if !strings.Contains(string(answer), test.says) {
					t.Errorf("answer %q", answer)
				}
			})
		})
	}
}

func TestHeadersTooLarge(t *testing.T) {
	serve(t, &echo{}, func(t *testing.T, l *pipeListener, _ context.CancelFunc, _ <-chan error) {
		conn := l.dial()
		defer conn.Close()
		go io.WriteString(conn, "POST / HTTP/1.1\r\nHost: a\r\nX-Dt-Signature: "+strings.Repeat("a", 1<<20)+"\r\n\r\n")
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil || response.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
			t.Errorf("got %v, %v", response, err)
		}
	})
}

// A sender who leaves with half of the body sent has sent nothing.
func TestSenderLeavesHalfWay(t *testing.T) {
	e := &echo{}
	serve(t, e, func(t *testing.T, l *pipeListener, _ context.CancelFunc, _ <-chan error) {
		conn := l.dial()
		io.WriteString(conn, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{}")
		conn.Close()
		synctest.Wait()
		if got := e.request(); got.Body != nil || got.BodyError != io.ErrUnexpectedEOF {
			t.Errorf("handed over %q, %v", got.Body, got.BodyError)
		}
	})
}

// A sender who leaves when everything is sent does not stop the event.
func TestSenderLeavesBeforeTheAnswer(t *testing.T) {
	left, handled := make(chan struct{}), make(chan error, 1)
	e := &echo{hold: func(ctx context.Context) {
		<-left
		handled <- ctx.Err()
	}}
	server := httptest.NewServer(receivehttp.NewHandler(e))
	defer server.Close()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(conn, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}")
	conn.Close()
	close(left)
	if err := <-handled; err != nil {
		t.Errorf("the context ended with the sender: %v", err)
	}
}

// A stop finishes what was accepted, and accepts nothing new.
func TestGracefulStop(t *testing.T) {
	e := &echo{}
	serve(t, e, func(t *testing.T, l *pipeListener, stop context.CancelFunc, served <-chan error) {
		release := make(chan struct{}) // made inside, or fake time would not pass
		e.hold = func(context.Context) { <-release }
		conn := l.dial()
		defer conn.Close()
		io.WriteString(conn, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}")
		synctest.Wait() // the request is being handled
		stop()
		synctest.Wait()
		select {
		case err := <-served:
			t.Fatalf("stopped with a request under way: %v", err)
		case <-l.closed:
		}
		close(release)
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil || response.StatusCode != 200 {
			t.Errorf("the request under way got %v, %v", response, err)
		}
		if err := <-served; err != nil {
			t.Errorf("the stop: %v", err)
		}
	})
}

func TestStopGivesUpOnARequestThatNeverEnds(t *testing.T) {
	e := &echo{}
	serve(t, e, func(t *testing.T, l *pipeListener, stop context.CancelFunc, served <-chan error) {
		release := make(chan struct{}) // made inside, or fake time would not pass
		e.hold = func(context.Context) { <-release }
		conn := l.dial()
		defer conn.Close()
		io.WriteString(conn, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}")
		synctest.Wait()
		start := time.Now()
		stop()
		if err := <-served; err == nil || time.Since(start) > 30*time.Second {
			t.Errorf("got %v after %v", err, time.Since(start))
		}
		close(release)
	})
}

// Bad senders by the thousand leave nothing behind.
func TestMemoryDoesNotGrow(t *testing.T) {
	server := httptest.NewServer(receivehttp.NewHandler(&echo{}))
	defer server.Close()
	attack := func() {
		for i := range 500 {
			conn, err := net.Dial("tcp", server.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			switch i % 3 {
			case 0: // promises 1 MiB and leaves
				fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\nx", receive.MaxBody)
			case 1: // sends 100 KB of a body without end
				fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n186a0\r\n%s\r\n", strings.Repeat("x", 100_000))
			case 2: // announces too much
				fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n", 1<<40)
			}
			conn.Close()
		}
	}
	heap := func() uint64 {
		server.Config.Handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", "/", strings.NewReader("{}")))
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	attack()
	before := heap()
	for range 4 {
		attack()
	}
	if after := heap(); after > before+8<<20 {
		t.Errorf("the heap grew from %d to %d bytes", before, after)
	}
}
