// Command bench measures the receive function beside what bounds it and beside
// the obvious way to write it, all in one run, so that the ratios hold on any
// machine.
package main

import (
	"context"
	"flag"
	"fmt"
	"math/big"
	"os"
	"slices"
	"testing"
	"time"
)

func main() {
	testing.Init()
	rounds := flag.Int("rounds", 7, "how many times each case is measured; the medians are printed")
	benchtime := flag.String("benchtime", "200ms", "how long each case runs in a round")
	load := flag.Duration("load", 5*time.Second, "how long each load over HTTP runs")
	flag.Parse()
	if err := flag.Set("test.benchtime", *benchtime); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(2)
	}
	if err := run(*rounds, *load); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(rounds int, load time.Duration) error {
	if err := printPipeline(rounds); err != nil {
		return err
	}
	if err := printLoad(load); err != nil {
		return err
	}
	return printRecover(context.Background())
}

// A figure is the median of a case.
type figure struct {
	time   time.Duration
	allocs int64
	bytes  int64
}

// measure runs the cases in turn, round after round, so that a machine whose
// speed drifts drifts for all of them.
func measure(cases map[string]func(*testing.B), order []string, rounds int) map[string]figure {
	results := make(map[string][]testing.BenchmarkResult)
	for range rounds {
		for _, name := range order {
			results[name] = append(results[name], testing.Benchmark(func(b *testing.B) {
				b.ReportAllocs()
				cases[name](b)
			}))
		}
	}
	figures := make(map[string]figure)
	for name, rs := range results {
		slices.SortFunc(rs, func(a, b testing.BenchmarkResult) int { return int(a.NsPerOp() - b.NsPerOp()) })
		m := rs[len(rs)/2]
		figures[name] = figure{time.Duration(m.NsPerOp()), m.AllocsPerOp(), m.AllocedBytesPerOp()}
	}
	return figures
}

func printPipeline(rounds int) error {
	cases, err := pipelineCases()
	if err != nil {
		return err
	}
	order := []string{"floor", "hs256", "plain", "ecdsa", "es256"}
	figures := measure(cases, order, rounds)
	names := map[string]string{
		"floor": "crypto floor: HMAC + SHA-256",
		"hs256": "receive, HS256",
		"plain": "golang-jwt + encoding/json, plainly",
		"ecdsa": "bare ecdsa.Verify",
		"es256": "receive, ES256",
	}
	fmt.Printf("One event of %d bytes: verify, decode, filter, label, encode (medians of %d)\n\n", len(body), rounds)
	fmt.Printf("  %-38s %10s %8s %8s\n", "", "time", "allocs", "bytes")
	for _, name := range order {
		f := figures[name]
		fmt.Printf("  %-38s %10v %8d %8d\n", names[name], f.time, f.allocs, f.bytes)
	}
	ratio := func(a, b string) float64 { return float64(figures[a].time) / float64(figures[b].time) }
	fmt.Printf("\n  HS256 is %.0f %% of the plain way, %.1f times the floor; ES256 is %.2f times a bare ecdsa.Verify\n\n",
		100*ratio("hs256", "plain"), ratio("hs256", "floor"), ratio("es256", "ecdsa"))
	return nil
}

func bigInt(b []byte) *big.Int { return new(big.Int).SetBytes(b) }
