// Command empty is the least that a function in Go on Lambda can be: what the start of
// ours is measured beside.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"
)

func main() {
	lambda.Start(func(context.Context) error { return nil })
}
