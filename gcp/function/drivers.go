package function

import (
	"io"
	"maps"
	"net"
	"net/http"
	"time"

	"github.com/dt-functions/dt-functions/gcp/pubsub"
	"github.com/dt-functions/dt-functions/gcp/storage"
	"github.com/dt-functions/dt-functions/gcp/token"
	"github.com/dt-functions/dt-functions/shared/checkpoint"
	"github.com/dt-functions/dt-functions/shared/settings"
	"github.com/dt-functions/dt-functions/shared/signature"
	"github.com/dt-functions/dt-functions/shared/sink"
)

// drivers are the kinds of sinks and of checkpoint stores that the functions have.
type drivers struct {
	stdout  io.Writer
	more    sink.Drivers
	pubsub  pubsub.Config
	storage storage.Config
}

// newDrivers returns the drivers. Nothing is connected to, and no token is fetched,
// before one is used.
func newDrivers(env settings.Environment, p Process) drivers {
	tokens := token.New(token.Config{
		Host: env[token.HostVariable], KeyFile: env[token.KeyFileVariable],
		Client: &http.Client{Transport: metadataTransport()}, Now: p.Now,
	})
	client := &http.Client{Transport: serviceTransport()}
	return drivers{
		stdout: p.Stdout, more: p.Sinks,
		pubsub:  pubsub.Config{Emulator: env[pubsub.EmulatorVariable], Tokens: tokens, Client: client},
		storage: storage.Config{Emulator: env[storage.EmulatorVariable], Tokens: tokens, Client: client},
	}
}

// sinks returns the sinks; those that forward sign with signer.
func (d drivers) sinks(signer *signature.Signer) sink.Drivers {
	all := sink.Portable{Stdout: d.stdout, Signer: signer}.Drivers()
	all[pubsub.Scheme] = pubsub.Opener(d.pubsub)
	maps.Copy(all, d.more)
	return all
}

// checkpoints returns the checkpoint stores.
func (d drivers) checkpoints() checkpoint.Drivers {
	all := checkpoint.Portable()
	all[storage.Scheme] = storage.Opener(d.storage)
	return all
}

// serviceTransport returns a transport that keeps as many connections to one service as
// events come at a time; the default keeps 2 and would open and close the others all
// the time. It speaks HTTP/1.1 only: over HTTP/2 one hung connection would carry the
// next attempt too. It is not made of the default one, which would offer HTTP/2 still.
func serviceTransport() *http.Transport {
	const connections = 100
	t := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
		TLSHandshakeTimeout: 5 * time.Second,
		MaxIdleConns:        connections,
		MaxIdleConnsPerHost: connections,
		IdleConnTimeout:     90 * time.Second,
		Protocols:           new(http.Protocols),
	}
	t.Protocols.SetHTTP1(true)
	return t
}

// metadataTransport returns a transport that reaches the metadata server alone: no
// proxy, and no long wait where there is none.
func metadataTransport() *http.Transport {
	return &http.Transport{
		DialContext:         (&net.Dialer{Timeout: 2 * time.Second}).DialContext,
		MaxIdleConnsPerHost: 1,
		IdleConnTimeout:     time.Minute,
	}
}
