//go:build platforms

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// A proxy is the way to a database that is some time away.
type proxy struct {
	listener net.Listener
	port     int
	away     time.Duration
}

// newProxy opens the way to a port of this machine. away is the time there and
// back; with 0 through leads straight to the port.
func newProxy(port int, away time.Duration) (*proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &proxy{listener, port, away}
	go p.serve()
	return p, nil
}

// through returns the URL of a database with the proxy's port instead of its own.
func (p *proxy) through(rawURL string) string {
	if p.away == 0 {
		return rawURL
	}
	own := fmt.Sprintf(":%d/", p.listener.Addr().(*net.TCPAddr).Port)
	return strings.Replace(rawURL, fmt.Sprintf(":%d/", p.port), own, 1)
}

// roundTrip returns how long the database takes to answer, of 51 times the median.
func (p *proxy) roundTrip(ctx context.Context, rawURL string) (time.Duration, error) {
	conn, err := pgx.Connect(ctx, p.through(rawURL))
	if err != nil {
		return 0, err
	}
	defer conn.Close(ctx)
	took := make([]time.Duration, 51)
	for i := range took {
		start := time.Now()
		if _, err := conn.Exec(ctx, "SELECT 1"); err != nil {
			return 0, err
		}
		took[i] = time.Since(start)
	}
	slices.Sort(took)
	return took[len(took)/2], nil
}

func (p *proxy) Close() error { return p.listener.Close() }

func (p *proxy) serve() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return // closed
		}
		server, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", p.port))
		if err != nil {
			client.Close()
			continue
		}
		go p.carry(server, client)
		go p.carry(client, server)
	}
}

// carry copies what comes, each piece half the way's time later.
func (p *proxy) carry(to, from net.Conn) {
	type piece struct {
		data []byte
		due  time.Time
	}
	pieces := make(chan piece, 1024)
	go func() {
		defer to.Close()
		for piece := range pieces {
			time.Sleep(time.Until(piece.due))
			if _, err := to.Write(piece.data); err != nil {
				break
			}
		}
		for range pieces {
			// So that the reader below is not held up.
		}
	}()
	defer close(pieces)
	for {
		buffer := make([]byte, 64<<10)
		n, err := from.Read(buffer)
		if n > 0 {
			pieces <- piece{buffer[:n], time.Now().Add(p.away / 2)}
		}
		if err != nil {
			if !errors.Is(err, io.EOF) {
				from.Close()
			}
			return
		}
	}
}
