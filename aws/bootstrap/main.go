// Command bootstrap is the program of every function on AWS Lambda. Which of them it
// is, the handler's name says: receive, sync, configure, recover or rotate.
package main

import (
	"context"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/dt-functions/dt-functions/aws/function"
	"github.com/dt-functions/dt-functions/shared/settings"
)

// startTimeout is how long a start may take: Lambda gives it 10 s.
const startTimeout = 9 * time.Second

func main() {
	config := function.Config{Env: settings.FromEnviron(os.Environ()), Stdout: os.Stdout, Sinks: furtherSinks(), Now: time.Now}
	handler, err := open(config)
	if err != nil {
		os.Exit(1)
	}
	lambda.Start(handler)
}

// open opens the function within startTimeout, and reports it when that fails.
func open(config function.Config) (lambda.Handler, error) {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	handler, err := function.Open(ctx, config)
	if err != nil {
		function.ReportInitError(context.WithoutCancel(ctx), config, err)
	}
	return handler, err
}
