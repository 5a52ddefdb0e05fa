// Command coldstart measures how long a function takes from being started to asking
// Lambda for its first invocation: ours, with a queue as its sink, beside an empty one,
// in turn and in one run.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/dt-functions/dt-functions/aws/runtimetest"
)

// timeout is how long a start may take.
const timeout = 10 * time.Second

func main() {
	starts := flag.Int("starts", 30, "how many times each is started; the medians are printed")
	flag.Parse()
	if err := run(context.Background(), *starts); err != nil {
		fmt.Fprintln(os.Stderr, "coldstart:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, starts int) error {
	dir, err := os.MkdirTemp("", "coldstart")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	ours, err := runtimetest.Build(ctx, dir)
	if err != nil {
		return err
	}
	empty := filepath.Join(dir, "empty")
	if err := buildEmpty(ctx, empty); err != nil {
		return err
	}
	lambda := map[string]string{
		"AWS_REGION": "eu-west-1", "AWS_LAMBDA_FUNCTION_NAME": "f", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
		"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "x", "_HANDLER": "receive",
		"DT_SIGNATURE_SECRET": "a-secret-of-good-length", "DT_SINK": "aws-sqs://sqs.eu-west-1.amazonaws.com/123456789012/events",
	}
	times := make(map[string][]time.Duration)
	for range starts {
		for _, program := range []string{empty, ours} {
			took, err := start(program, lambda)
			if err != nil {
				return err
			}
			times[program] = append(times[program], took)
		}
	}
	fmt.Printf("From exec to the first request for an invocation, medians of %d\n\n", starts)
	for _, line := range []struct{ name, program string }{{"an empty aws-lambda-go function", empty}, {"receive, with a queue as its sink", ours}} {
		fmt.Printf("  %-36s %8.2f ms   %5.1f MB\n", line.name, milliseconds(median(times[line.program])), megabytes(line.program))
	}
	fmt.Printf("\n  %.2f times the empty one\n", float64(median(times[ours]))/float64(median(times[empty])))
	return nil
}

func buildEmpty(ctx context.Context, path string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-tags", "lambda.norpc", "-trimpath", "-ldflags=-s -w", "-o", path,
		"github.com/dt-functions/dt-functions/aws/coldstart/empty")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	cmd.Stderr = os.Stderr
	return cmd.Run()
}

// start starts a program and returns how long it took to ask for an invocation.
func start(program string, env map[string]string) (time.Duration, error) {
	server, err := runtimetest.NewServer()
	if err != nil {
		return 0, err
	}
	defer server.Close()
	began := time.Now()
	process, err := server.StartProcess(program, env)
	if err != nil {
		return 0, err
	}
	defer process.Kill()
	select {
	case <-server.Ready():
		return time.Since(began), nil
	case <-process.Ended():
	case <-time.After(timeout):
	}
	return 0, errors.New("it does not start: " + process.Log())
}

func median(all []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func megabytes(path string) float64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return float64(info.Size()) / 1e6
}
