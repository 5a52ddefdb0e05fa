package function

import (
	"io"
	"maps"

	"github.com/dt-functions/dt-functions/shared/checkpoint"
	"github.com/dt-functions/dt-functions/shared/settings"
	"github.com/dt-functions/dt-functions/shared/signature"
	"github.com/dt-functions/dt-functions/shared/sink"
)

// drivers are the kinds of sinks and of checkpoint stores that the functions have.
type drivers struct {
	stdout io.Writer
	more   sink.Drivers
}

func newDrivers(_ settings.Environment, p Process) drivers {
	return drivers{stdout: p.Stdout, more: p.Sinks}
}

// sinks returns the sinks; those that forward sign with signer.
func (d drivers) sinks(signer *signature.Signer) sink.Drivers {
	all := sink.Portable{Stdout: d.stdout, Signer: signer}.Drivers()
	maps.Copy(all, d.more)
	return all
}

// checkpoints returns the checkpoint stores.
func (d drivers) checkpoints() checkpoint.Drivers { return checkpoint.Portable() }
