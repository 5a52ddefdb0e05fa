// Command framework serves the functions by the Functions Framework, as the program
// does that Google's buildpack makes of the archive.
package main

import (
	"log"
	"os"

	"github.com/GoogleCloudPlatform/functions-framework-go/funcframework"
	"github.com/GoogleCloudPlatform/functions-framework-go/functions"

	"github.com/dt-functions/dt-functions/gcp/function"
)

func main() {
	function.Register(function.System(), functions.HTTP)
	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	if err := funcframework.StartHostPort(os.Getenv("HOST"), port); err != nil {
		log.Fatalf("framework: %v", err)
	}
}
