package function

import (
	"maps"

	"github.com/dt-functions/dt-functions/aws/eventbridge"
	"github.com/dt-functions/dt-functions/aws/kinesis"
	"github.com/dt-functions/dt-functions/aws/s3"
	"github.com/dt-functions/dt-functions/aws/sns"
	"github.com/dt-functions/dt-functions/aws/sqs"
	"github.com/dt-functions/dt-functions/shared/checkpoint"
	"github.com/dt-functions/dt-functions/shared/signature"
	"github.com/dt-functions/dt-functions/shared/sink"
)

// sinks returns the sinks that a function on AWS can open.
func (p *platform) sinks(signer *signature.Signer) sink.Drivers {
	d := sink.Portable{Stdout: p.config.Stdout, Signer: signer}.Drivers()
	d[sqs.Scheme] = sqs.Open(p.client)
	d[sns.Scheme] = sns.Open(p.client)
	d[eventbridge.Scheme] = eventbridge.Open(p.client)
	d[kinesis.Scheme] = kinesis.Open(p.client)
	maps.Copy(d, p.config.Sinks)
	return d
}

// checkpoints returns the checkpoint stores that a function on AWS can open.
func (p *platform) checkpoints() checkpoint.Drivers {
	return checkpoint.Drivers{s3.Scheme: s3.Open(p.client)}
}
