package main_test

import (
	"os"
	"testing"

	"github.com/dt-functions/dt-functions/azure/hosttest"
	"github.com/dt-functions/dt-functions/functions/receive/adaptertest"
)

// Every request gets the answer that it gets on every platform, in both modes in which
// hosts hand requests over as they are.
func TestAdapter(t *testing.T) {
	lacks := map[adaptertest.Feature]string{
		adaptertest.Methods: "the Functions host passes on only what function.json names: POST",
		adaptertest.Paths:   "the Functions host passes on only what function.json names: /api/receive",
	}
	t.Run("proxying", func(t *testing.T) {
		adaptertest.Run(t, adaptertest.Platform{Name: "azure", Start: start(hosttest.Options{Mode: hosttest.Proxying}), Lacks: lacks})
	})

	older := map[adaptertest.Feature]string{adaptertest.Chunked: "older Functions hosts lose bodies without a length"}
	for feature, reason := range lacks {
		older[feature] = reason
	}
	t.Run("forwarding", func(t *testing.T) {
		adaptertest.Run(t, adaptertest.Platform{
			Name: "azure, older host", Start: start(hosttest.Options{Mode: hosttest.Forwarding, Older: true}), Lacks: older,
		})
	})
}

func start(o hosttest.Options) func(*testing.T, adaptertest.Start) adaptertest.Target {
	return func(t *testing.T, s adaptertest.Start) adaptertest.Target {
		o := o
		o.Program, o.App = built, app
		if s.Faulty {
			o.Program, o.Env = os.Args[0], append(o.Env, faultyVariable+"=1")
		}
		for name, value := range s.Env {
			o.Env = append(o.Env, name+"="+value)
		}
		return adaptertest.HTTPTarget{URL: hosttest.Start(t, o).URL + "/api/receive"}
	}
}
