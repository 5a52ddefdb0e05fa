package wiring

import (
	"io"
	"maps"
	"net"
	"net/http"
	"time"

	"github.com/dt-functions/dt-functions/azure/blob"
	"github.com/dt-functions/dt-functions/azure/eventhubs"
	"github.com/dt-functions/dt-functions/azure/identity"
	"github.com/dt-functions/dt-functions/azure/keyvault"
	"github.com/dt-functions/dt-functions/azure/queue"
	"github.com/dt-functions/dt-functions/azure/servicebus"
	"github.com/dt-functions/dt-functions/azure/storage"
	"github.com/dt-functions/dt-functions/shared/checkpoint"
	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/settings"
	"github.com/dt-functions/dt-functions/shared/signature"
	"github.com/dt-functions/dt-functions/shared/sink"
)

// connections is how many idle connections to a service are kept.
const connections = 100

// drivers are the kinds of sinks and of checkpoint stores that the handler has, and the
// store that its secrets may be in.
type drivers struct {
	secrets    keyvault.Store
	stdout     io.Writer
	further    sink.Drivers
	storage    storage.Config
	servicebus servicebus.Config
	eventhubs  eventhubs.Config
}

func newDrivers(env settings.Environment, p Process) drivers {
	tokens := identity.New(identity.Config{
		Endpoint: env["IDENTITY_ENDPOINT"], Header: secret.New(env["IDENTITY_HEADER"]), ClientID: env["AZURE_CLIENT_ID"],
		Client: &http.Client{Transport: identityTransport()}, Now: p.Now,
	})
	return drivers{
		secrets: keyvault.NewStore(keyvault.Config{Tokens: tokens, Client: &http.Client{Transport: serviceTransport()}}),
		stdout:  p.Stdout, further: p.Sinks,
		storage: storage.Config{
			ConnectionString: secret.New(env[storage.Variable]),
			Tokens:           tokens, Client: &http.Client{Transport: serviceTransport()}, Now: p.Now,
		},
		servicebus: servicebus.Config{
			ConnectionString: secret.New(env[servicebus.Variable]),
			Tokens:           tokens, Client: &http.Client{Transport: serviceTransport()}, Now: p.Now,
		},
		eventhubs: eventhubs.Config{ConnectionString: secret.New(env[eventhubs.Variable]), Tokens: tokens},
	}
}

// sinks returns the sinks; those that forward sign with signer.
func (d drivers) sinks(signer *signature.Signer) sink.Drivers {
	all := sink.Portable{Stdout: d.stdout, Signer: signer}.Drivers()
	maps.Copy(all, d.further)
	all[queue.Scheme] = queue.Opener(d.storage)
	all[servicebus.Scheme] = servicebus.Opener(d.servicebus)
	all[eventhubs.Scheme] = eventhubs.Opener(d.eventhubs)
	return all
}

// checkpoints returns the checkpoint stores.
func (d drivers) checkpoints() checkpoint.Drivers {
	all := checkpoint.Portable()
	all[blob.Scheme] = blob.Opener(d.storage)
	return all
}

// serviceTransport returns a transport that keeps as many connections to one service
// as events come at a time; the default keeps 2 and would open and close the others
// all the time. It speaks HTTP/1.1 only, as package servicebus must. It is no clone of
// the default transport, which would offer HTTP/2 to servers all the same.
func serviceTransport() *http.Transport {
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

// identityTransport returns a transport that reaches this machine's own services
// alone: no proxy, and no long wait where there is none.
func identityTransport() *http.Transport {
	return &http.Transport{
		DialContext:         (&net.Dialer{Timeout: 2 * time.Second}).DialContext,
		MaxIdleConnsPerHost: 1,
		IdleConnTimeout:     time.Minute,
	}
}
