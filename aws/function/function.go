// Package function makes the Lambda function that the handler's name says: one program
// is all of them.
package function

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/dt-functions/dt-functions/aws/awsapi"
	"github.com/dt-functions/dt-functions/functions/scheduled"
	"github.com/dt-functions/dt-functions/shared/settings"
	"github.com/dt-functions/dt-functions/shared/sink"
)

// Config is what a function is made of.
type Config struct {
	// Env holds the settings, and what Lambda tells a function, _HANDLER above all.
	Env settings.Environment
	// Stdout is the log.
	Stdout io.Writer
	// Sinks are further sinks; nil means none.
	Sinks sink.Drivers
	// HTTP calls AWS; nil means a client of its own.
	HTTP *http.Client
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// names returns the handlers that there are.
func names() []string { return append([]string{"receive", "rotate"}, scheduled.Names()...) }

// Open returns the handler that _HANDLER names. The error is for the one who deploys:
// it says what is set wrong, and shows no secret.
func Open(ctx context.Context, c Config) (lambda.Handler, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	p := &platform{config: c, client: awsapi.New(awsapi.Config{Env: c.Env, Client: c.HTTP, Now: c.Now})}
	switch name := c.Env["_HANDLER"]; {
	case name == "receive":
		return p.openReceive(ctx)
	case name == "rotate":
		return p.openRotate()
	case slices.Contains(scheduled.Names(), name):
		return &scheduledHandler{platform: p, name: name}, nil
	default:
		return nil, fmt.Errorf("_HANDLER: %.100q is not a function; accepted as the handler's name: %s", name, strings.Join(names(), ", "))
	}
}

// A platform is what the functions share.
type platform struct {
	config Config
	client *awsapi.Client
}
