// Command faulty is framework with a sink that has a defect.
package main

import (
	"log"
	"os"

	"github.com/GoogleCloudPlatform/functions-framework-go/funcframework"
	"github.com/GoogleCloudPlatform/functions-framework-go/functions"

	"github.com/dt-functions/dt-functions/functions/receive/adaptertest"
	"github.com/dt-functions/dt-functions/gcp/function"
	"github.com/dt-functions/dt-functions/shared/sink"
)

func main() {
	p := function.System()
	p.Sinks = sink.Drivers{"panic": adaptertest.PanicSink}
	function.Register(p, functions.HTTP)
	if err := funcframework.StartHostPort("127.0.0.1", os.Getenv("PORT")); err != nil {
		log.Fatal(err)
	}
}
