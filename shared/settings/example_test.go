package settings_test

import (
	"errors"
	"fmt"

	"github.com/dt-functions/dt-functions/shared/settings"
)

func ExampleLoadReceive() {
	// A program has settings.FromEnviron(os.Environ()).
	env := settings.Environment{
		"DT_SIGNATURE_SECRET": "correct horse battery staple",
		"DT_EVENT_TYPES":      "temperature,touch",
		"DT_SINK":             "file:///var/lib/dt/events.ndjson",
		"DT_LABELS_DEFAULT":   "floor=0",
	}
	r, err := settings.LoadReceive(env, drivers{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, w := range r.Warnings {
		fmt.Println(w)
	}
	fmt.Println(r.Verification.Secret, r.Sinks, r.Encoding, r.LogLevel)
	// Output:
	// DT_LABELS_DEFAULT: unknown, so it has no effect; the nearest known name is DT_LABEL_DEFAULTS
	// [redacted] [file:///var/lib/dt/events.ndjson] cloudevents INFO
}

func ExampleError() {
	_, err := settings.LoadReceive(settings.Environment{"DT_LOG_LEVEL": "loud", "DT_SINK": "stdout:"}, drivers{})
	fmt.Println(err)
	var e *settings.Error
	if errors.As(err, &e) {
		fmt.Println(len(e.Problems), "problems, the last one with", e.Problems[1].Variable)
	}
	// Output:
	// DT_SIGNATURE_SECRET: not set, and neither is DT_ORGANIZATION_ID: no event could be verified, so none would be accepted; accepted: the connector's signature secret, exactly
	// DT_LOG_LEVEL: "loud" is not a level; accepted: debug, info, warn or error
	// 2 problems, the last one with DT_LOG_LEVEL
}
