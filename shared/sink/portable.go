package sink

import (
	"context"
	"io"
	"net/http"
	"net/url"

	"github.com/dt-functions/dt-functions/shared/signature"
)

// Portable is what the drivers that need no cloud work with.
type Portable struct {
	// Stdout is where stdout: writes. nil leaves that driver out.
	Stdout io.Writer
	// Client sends for https://; nil means one of its own. Its redirect policy is
	// not used.
	Client *http.Client
	// Signer signs for https://. With nil, opening such a sink is an error.
	Signer *signature.Signer
}

// Drivers returns the drivers stdout, file, https, and http for loopback hosts.
func (p Portable) Drivers() Drivers {
	forward := func(_ context.Context, u *url.URL) (Sink, error) {
		return openForward(u, p.Client, p.Signer)
	}
	drivers := Drivers{"file": openFile, "http": forward, "https": forward}
	if p.Stdout != nil {
		drivers["stdout"] = func(_ context.Context, u *url.URL) (Sink, error) {
			return openStdout(p.Stdout, u)
		}
	}
	return drivers
}
