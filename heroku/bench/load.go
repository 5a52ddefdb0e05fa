//go:build platforms

package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/dt-functions/dt-functions/functions/receive"
	"github.com/dt-functions/dt-functions/functions/receive/receivehttp"
	"github.com/dt-functions/dt-functions/shared/handling"
	"github.com/dt-functions/dt-functions/shared/signature"
)

const (
	// concurrency is how many senders there are at a time.
	concurrency = 64
	secretText  = "a-secret-of-a-common-length-1234"
	eventID     = "c82gg9catj3vmh4248og"
	// body is a temperature event of an ordinary length, as DT sends it.
	body = `{"event":{"eventId":"` + eventID + `","targetName":"projects/c14u9p094l47cdv1o3pg/devices/emuc17m6d7lq0bgk44smcqg","eventType":"temperature","data":{"temperature":{"value":24.9,"isBackfilled":false,"samples":[{"value":24.9,"sampleTime":"2024-05-29T08:15:18.318751Z"},{"value":24.85,"sampleTime":"2024-05-29T08:10:18.318751Z"}],"updateTime":"2024-05-29T08:15:18.318751Z"}},"timestamp":"2024-05-29T08:15:18.318751Z"},"labels":{"name":"Fridge 3","floor":"2","customer-ID":"4711"},"metadata":{"deviceId":"emuc17m6d7lq0bgk44smcqg","projectId":"c14u9p094l47cdv1o3pg","deviceType":"temperature","productNumber":"102058"}}`
)

// signedRequests returns n requests with an event each, as they go over the wire.
// They are made before the clock runs: what is measured is the receiver, with
// which the senders share the cores.
func signedRequests(n int) ([][]byte, error) {
	signer, err := signature.NewSigner([]byte(secretText))
	if err != nil {
		return nil, err
	}
	requests := make([][]byte, n)
	for i := range requests {
		event := strings.Replace(body, eventID, fmt.Sprintf("%020d", i), 1)
		r, err := http.NewRequest(http.MethodPost, "http://localhost/", strings.NewReader(event))
		if err != nil {
			return nil, err
		}
		if err := signer.SignHeader(r.Header, []byte(event)); err != nil {
			return nil, err
		}
		var wire bytes.Buffer
		if err := r.Write(&wire); err != nil {
			return nil, err
		}
		requests[i] = wire.Bytes()
	}
	return requests, nil
}

// A load is what is sent to each way.
type load struct {
	requests [][]byte
	duration time.Duration
}

// A result is what one load found.
type result struct {
	rate         float64 // events a second
	median, slow time.Duration
}

// measure sends the load and checks that what was accepted is in the database.
func (l load) measure(ctx context.Context, w way, database string) (result, error) {
	s, err := w.open(ctx, database)
	if err != nil {
		return result{}, err
	}
	verifier, err := signature.NewVerifier(signature.Config{Secrets: signature.StaticSecrets(secretText)})
	if err != nil {
		return result{}, err
	}
	f, err := receive.New(receive.Config{Verifier: verifier, Handler: handling.Handler{Sink: s}})
	if err != nil {
		return result{}, err
	}
	r, accepted, err := l.send(ctx, receivehttp.NewHandler(f))
	if err := errors.Join(err, f.Close()); err != nil {
		return result{}, err
	}
	stored, err := count(ctx, database)
	if err == nil && stored != accepted {
		err = fmt.Errorf("%d events were accepted, but %d are stored", accepted, stored)
	}
	return r, err
}

func count(ctx context.Context, database string) (n int, err error) {
	conn, err := pgx.Connect(ctx, database)
	if err != nil {
		return 0, err
	}
	err = conn.QueryRow(ctx, "SELECT count(*) FROM dt_events").Scan(&n)
	return n, errors.Join(err, conn.Close(ctx))
}

// send sends the load to h and returns how many events h accepted.
func (l load) send(ctx context.Context, h http.Handler) (result, int, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return result{}, 0, err
	}
	served := make(chan error, 1)
	go func() { served <- receivehttp.Serve(ctx, listener, h, slog.New(slog.DiscardHandler)) }()
	var next atomic.Int64
	var wait sync.WaitGroup
	latencies := make([][]time.Duration, concurrency)
	errs := make([]error, concurrency)
	start := time.Now()
	for i := range concurrency {
		wait.Go(func() { latencies[i], errs[i] = l.sender(listener.Addr(), start, &next) })
	}
	wait.Wait()
	took := time.Since(start)
	stop()
	if err := errors.Join(append(errs, <-served)...); err != nil {
		return result{}, 0, err
	}
	all := slices.Sorted(slices.Values(slices.Concat(latencies...)))
	return result{
		rate:   float64(len(all)) / took.Seconds(),
		median: all[len(all)/2],
		slow:   all[len(all)*99/100],
	}, len(all), nil
}

// sender posts requests, one after the other, over a connection that it keeps.
func (l load) sender(to net.Addr, start time.Time, next *atomic.Int64) (latencies []time.Duration, err error) {
	conn, err := net.Dial("tcp", to.String())
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	reader := bufio.NewReader(conn)
	for time.Since(start) < l.duration {
		i := next.Add(1) - 1
		if i >= int64(len(l.requests)) {
			break
		}
		sent := time.Now()
		if _, err := conn.Write(l.requests[i]); err != nil {
			return nil, err
		}
		if err := readAccepted(reader); err != nil {
			return nil, err
		}
		latencies = append(latencies, time.Since(sent))
	}
	return latencies, nil
}

// readAccepted reads an answer, which must be 200. It does no more, since every
// microsecond of a sender is one that the receiver does not have.
func readAccepted(r *bufio.Reader) error {
	length := 0
	for first := true; ; first = false {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return err
		}
		if first && !bytes.HasPrefix(line, []byte("HTTP/1.1 200 ")) {
			return errors.New(string(line))
		}
		if value, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return err
			}
		}
		if len(bytes.TrimSpace(line)) == 0 {
			_, err := r.Discard(length)
			return err
		}
	}
}
