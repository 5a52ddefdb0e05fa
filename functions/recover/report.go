package recover

import "time"

// A Report says what a run found and did.
type Report struct {
	Connectors []ConnectorReport `json:"connectors"`
}

// A ConnectorReport says what a run found and did at one connector.
type ConnectorReport struct {
	Connector string `json:"connector"`
	// Status is what it was before this run: ACTIVE, USER_DISABLED or
	// SYSTEM_DISABLED.
	Status string `json:"status,omitempty"`
	// Enabled means that this run has enabled it.
	Enabled bool `json:"enabled"`
	// Metrics are those of its last 3 hours; nil when they could not be read.
	Metrics *Metrics `json:"metrics,omitempty"`
	// Checkpoint is the time before which every event has come: delivered, or
	// fetched.
	Checkpoint time.Time `json:"checkpoint,omitzero"`
	// Gaps are what was fetched, or was to be.
	Gaps []GapReport `json:"gaps,omitempty"`
	// Notes are what a person should know.
	Notes []string `json:"notes,omitempty"`
	Error string   `json:"error,omitempty"`
}

// Metrics are what DT tells of a connector's last 3 hours.
type Metrics struct {
	SuccessCount int64  `json:"successCount"`
	ErrorCount   int64  `json:"errorCount"`
	Latency99p   string `json:"latency99p"` // such as "411ms"
}

// A GapReport says what this run fetched of a span that a connector has missed.
type GapReport struct {
	// From and To bound the timestamps of the events.
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	// Devices is how many devices there are to fetch, DevicesDone how many of them
	// are fetched by now, in earlier runs too.
	Devices     int `json:"devices"`
	DevicesDone int `json:"devicesDone"`
	// Pages and Events are what this run got from DT.
	Pages  int `json:"pages"`
	Events int `json:"events"`
	// Published is how many of them the sink has taken; Duplicates how many of
	// these it had already, where it can tell; Filtered how many were not wanted;
	// DeadLettered how many could not be handled and were kept as they are.
	Published    int `json:"published"`
	Duplicates   int `json:"duplicates"`
	Filtered     int `json:"filtered"`
	DeadLettered int `json:"deadLettered"`
	// Finished means that all of it is in the sink.
	Finished bool `json:"finished"`
}
