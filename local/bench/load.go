package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dt-functions/dt-functions/functions/receive/receivehttp"
	"github.com/dt-functions/dt-functions/local/store"
	"github.com/dt-functions/dt-functions/shared/signature"
)

// concurrency is how many senders there are at a time.
const concurrency = 64

// printLoad measures events per second over loopback HTTP: accepted and committed
// to SQLite, beside a server that answers 200 and does nothing. The senders run
// on the same machine and sign every event, for both.
func printLoad(duration time.Duration) error {
	dir, err := os.MkdirTemp("", "dtfn-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	events, err := store.Open(ctx, filepath.Join(dir, "events.db"))
	if err != nil {
		return err
	}
	f, err := newFunction(signature.Config{Secrets: signature.StaticSecrets(secret)}, events)
	if err != nil {
		return err
	}
	nothing := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
	})
	rates := make(map[string]float64)
	for _, c := range []struct {
		name    string
		handler http.Handler
	}{{"nothing", nothing}, {"sqlite", receivehttp.NewHandler(f)}} {
		if rates[c.name], err = rate(ctx, c.handler, duration); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
	}
	stored, err := events.Count(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("Events per second over loopback HTTP, %d senders, %v each, senders on the same cores\n\n", concurrency, duration)
	fmt.Printf("  %-38s %10.0f\n", "net/http answering 200, no work", rates["nothing"])
	fmt.Printf("  %-38s %10.0f\n", "receive, accepted and committed", rates["sqlite"])
	fmt.Printf("\n  %.0f %% of net/http alone; %d events in the store\n", 100*rates["sqlite"]/rates["nothing"], stored)
	return events.Close()
}

// rate returns how many signed events a second h answers with 200.
func rate(ctx context.Context, h http.Handler, duration time.Duration) (float64, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	served := make(chan error, 1)
	go func() { served <- receivehttp.Serve(ctx, listener, h, slog.New(slog.DiscardHandler)) }()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: concurrency}}
	signer, err := signature.NewSigner([]byte(secret))
	if err != nil {
		return 0, err
	}
	var accepted, number atomic.Int64
	var wait sync.WaitGroup
	failures := make(chan error, concurrency)
	start := time.Now()
	for range concurrency {
		wait.Go(func() {
			for time.Since(start) < duration {
				event := strings.Replace(body, "c82gg9catj3vmh4248og", fmt.Sprintf("%020d", number.Add(1)), 1)
				if err := send(client, signer, "http://"+listener.Addr().String()+"/", event); err != nil {
					failures <- err
					return
				}
				accepted.Add(1)
			}
		})
	}
	wait.Wait()
	took := time.Since(start)
	stop()
	client.CloseIdleConnections()
	close(failures)
	return float64(accepted.Load()) / took.Seconds(), errors.Join(<-failures, <-served)
}

func send(client *http.Client, signer *signature.Signer, url, event string) error {
	request, err := http.NewRequest(http.MethodPost, url, strings.NewReader(event))
	if err != nil {
		return err
	}
	if err := signer.SignHeader(request.Header, []byte(event)); err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return errors.New(response.Status)
	}
	return nil
}
