package awsfind

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/dt-functions/dt-functions/aws/awsapi"
	"github.com/dt-functions/dt-functions/aws/eventbridge"
	"github.com/dt-functions/dt-functions/shared/sink/find"
)

// bus looks behind an event bus of EventBridge by a rule that has a queue as its
// target.
type bus struct {
	own
	events *awsapi.Service
	name   string // or ARN
	source string
	rule   string // its name, "" before there is one
	target bool   // it has its target
}

func newBus(client *awsapi.Client, u *url.URL) (*bus, error) {
	name, arn, region, ok := nameAndRegion(u, "events")
	if !ok || arn.Service != "" && !strings.HasPrefix(arn.Resource, "event-bus/") {
		return nil, errors.New("the URL names no event bus: want aws-eventbridge://BUS?region=REGION")
	}
	service, err := client.Service("events", region, "")
	if err != nil {
		return nil, err
	}
	b := &bus{own: own{client: client}, events: service, name: name, source: u.Query().Get("source")}
	if b.source == "" {
		b.source = eventbridge.DefaultSource
	}
	return b, nil
}

// do calls an operation of EventBridge.
func (b *bus) do(ctx context.Context, operation string, in map[string]any, out any) error {
	in["EventBusName"] = b.name
	return b.events.JSON(ctx, events+operation, eventsJSON, in, out)
}

// Prepare makes a rule for the sink's events, with a queue of its own as the target.
func (b *bus) Prepare(ctx context.Context) error {
	pattern, err := json.Marshal(map[string][]string{"source": {b.source}})
	if err != nil {
		return err
	}
	b.rule = find.NewName()
	var made struct{ RuleArn string }
	err = b.do(ctx, "PutRule", map[string]any{"Name": b.rule, "EventPattern": string(pattern), "Description": "of dtfn doctor, for a minute"}, &made)
	if err != nil {
		if _, ok := errors.AsType[*awsapi.Error](err); ok {
			b.rule = "" // it is refused, so that nothing is to be removed
		}
		return explainSink(err, "events:PutRule")
	}
	if err := b.make(ctx, b.events.Region(), "events.amazonaws.com", made.RuleArn, false); err != nil {
		return err
	}
	var failed struct{ FailedEntryCount int }
	err = b.do(ctx, "PutTargets", map[string]any{"Rule": b.rule, "Targets": []map[string]string{{"Id": "queue", "Arn": b.arn}}}, &failed)
	b.target = err == nil
	if failed.FailedEntryCount > 0 {
		return errors.New("events PutTargets: EventBridge does not take the queue as a target")
	}
	return explain(err, "events:PutTargets")
}

// Late: a rule may take effect a while after it was made.
func (b *bus) Late() bool { return true }

// Close removes the rule and the queue.
func (b *bus) Close(ctx context.Context) error {
	var errs []error
	if b.target {
		err := b.do(ctx, "RemoveTargets", map[string]any{"Rule": b.rule, "Ids": []string{"queue"}}, nil)
		errs = append(errs, explain(err, "events:RemoveTargets"))
	}
	if b.rule != "" {
		err := b.do(ctx, "DeleteRule", map[string]any{"Name": b.rule}, nil)
		if answer, ok := errors.AsType[*awsapi.Error](err); ok && answer.Code == "ResourceNotFoundException" {
			err = nil // it was never made
		}
		if err != nil {
			err = fmt.Errorf("rule %s: %w", b.rule, explain(err, "events:DeleteRule"))
		}
		errs = append(errs, err)
	}
	return errors.Join(append(errs, b.own.Close(ctx))...)
}
