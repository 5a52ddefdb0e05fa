//go:build platforms

// Command bench measures how many events a second the server's way into PostgreSQL
// takes over HTTP, beside other ways to store them, all in one run on one
// throw-away server, so that the ratios hold on any machine.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/dt-functions/dt-functions/heroku/postgres/postgrestest"
)

func main() {
	duration := flag.Duration("load", 2*time.Second, "how long each load runs in a round")
	rounds := flag.Int("rounds", 3, "how many times each way is measured; the medians are printed")
	flag.Parse()
	if err := run(context.Background(), *duration, *rounds); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, duration time.Duration, rounds int) (err error) {
	cluster, err := postgrestest.Start(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cluster.Close()) }()
	requests, err := signedRequests(int(30_000 * duration.Seconds()))
	if err != nil {
		return err
	}
	fmt.Printf("Events per second over loopback HTTP, verified, accepted and committed: %d senders, %v each, medians of %d.\n", concurrency, duration, rounds)
	fmt.Println("Senders, server and PostgreSQL 15 (fsync and synchronous_commit on) share the cores of this machine.")
	for _, away := range []time.Duration{0, time.Millisecond} {
		if err := measureFrom(ctx, cluster, away, load{requests, duration}, rounds); err != nil {
			return err
		}
	}
	return nil
}

// measureFrom measures with the database that far away.
func measureFrom(ctx context.Context, cluster *postgrestest.Cluster, away time.Duration, l load, rounds int) (err error) {
	proxy, err := newProxy(cluster.Port(), away)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, proxy.Close()) }()
	answer, err := proxy.roundTrip(ctx, cluster.URL("postgres"))
	if err != nil {
		return err
	}
	results, err := measureAll(ctx, cluster, proxy, l, rounds)
	if err != nil {
		return err
	}
	report(results, answer)
	return nil
}

// measureAll measures every way, round after round, so that a machine whose speed
// drifts drifts for all of them.
func measureAll(ctx context.Context, cluster *postgrestest.Cluster, proxy *proxy, l load, rounds int) (map[string][]result, error) {
	results := make(map[string][]result)
	for round := range rounds {
		for i, w := range ways() {
			database, err := cluster.NewDatabase(ctx, fmt.Sprintf("bench_%v_%d_%d", proxy.away, round, i))
			if err != nil {
				return nil, err
			}
			r, err := l.measure(ctx, w, proxy.through(database))
			if err != nil {
				return nil, fmt.Errorf("%s: %w", w.name, err)
			}
			results[w.name] = append(results[w.name], r)
		}
	}
	return results, nil
}

func report(results map[string][]result, answer time.Duration) {
	where := fmt.Sprintf("the database answers SELECT 1 in %.2f ms", answer.Seconds()*1000)
	fmt.Printf("\n  %-46s %9s %10s %10s %10s\n", where, "events/s", "the last's", "median", "99 %")
	last := median(results[ways()[len(ways())-1].name])
	for _, w := range ways() {
		r := median(results[w.name])
		fmt.Printf("  %-46s %9.0f %8.1f × %10v %10v\n", w.name, r.rate, last.rate/r.rate,
			r.median.Round(10*time.Microsecond), r.slow.Round(10*time.Microsecond))
	}
	fmt.Printf("  Over the one connection that it stores over, the server's way takes %.1f times as many as one insert a request.\n",
		last.rate/median(results[ways()[0].name]).rate)
}

func median(rs []result) result {
	rs = slices.SortedFunc(slices.Values(rs), func(a, b result) int { return cmp.Compare(a.rate, b.rate) })
	return rs[len(rs)/2]
}
