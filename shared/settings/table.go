package settings

// A Variable describes one setting.
type Variable struct {
	Name string
	// Functions are the names of the functions that read it: receive, sync,
	// configure, recover.
	Functions []string
	Meaning   string
	// Accepted is the form a value must have.
	Accepted string
	// Default is what holds when it is not set; "" when that is nothing.
	Default string
	// Secret is true when the value as such must be kept secret. A sink URL may
	// have a password in it and is treated with care too.
	Secret bool
}

// Names of the variables that this package reads.
const (
	signatureSecret         = "DT_SIGNATURE_SECRET"
	signatureSecretPrevious = "DT_SIGNATURE_SECRET_PREVIOUS"
	organizationID          = "DT_ORGANIZATION_ID"
	oidcIssuer              = "DT_OIDC_ISSUER"
	allowSHA1               = "DT_ALLOW_SHA1"
	eventTypes              = "DT_EVENT_TYPES"
	deviceTypes             = "DT_DEVICE_TYPES"
	projectIDs              = "DT_PROJECTS"
	labelSelector           = "DT_LABEL_SELECTOR"
	labelNames              = "DT_LABELS"
	labelDefaults           = "DT_LABEL_DEFAULTS"
	sinkURLs                = "DT_SINK"
	deadLetterURL           = "DT_DEAD_LETTER"
	forwardSecret           = "DT_FORWARD_SECRET"
	encodingName            = "DT_ENCODING"
	connectorNames          = "DT_CONNECTORS"
	connectorConfig         = "DT_CONNECTOR_CONFIG"
	checkpointURL           = "DT_CHECKPOINT"
	recoverUserDisabled     = "DT_RECOVER_USER_DISABLED"
	recoverOverlap          = "DT_RECOVER_OVERLAP"
	apiURL                  = "DT_API_URL"
	tokenURL                = "DT_TOKEN_URL"
	serviceAccountKeyID     = "DT_SERVICE_ACCOUNT_KEY_ID"
	serviceAccountSecret    = "DT_SERVICE_ACCOUNT_SECRET"
	serviceAccountEmail     = "DT_SERVICE_ACCOUNT_EMAIL"
	logLevel                = "DT_LOG_LEVEL"
	portNumber              = "PORT"
)

// Table returns every setting of every function, in the order in which they are
// documented. It is the one list: what documents or checks settings takes them
// from here.
func Table() []Variable {
	receive := []string{"receive"}
	events := []string{"receive", "recover"}
	api := []string{"sync", "configure", "recover"}
	all := []string{"receive", "sync", "configure", "recover"}
	return []Variable{
		{
			Name: signatureSecret, Functions: []string{"receive", "configure"}, Secret: true,
			Meaning:  "secret that the connector signs with (X-Dt-Signature); receive requires this or DT_ORGANIZATION_ID, configure gives it to the connectors",
			Accepted: "the connector's signature secret, exactly",
		},
		{
			Name: signatureSecretPrevious, Functions: receive, Secret: true,
			Meaning:  "secret that was in use before, accepted too while it is being changed",
			Accepted: "the connector's former signature secret, exactly, beside the current one in DT_SIGNATURE_SECRET",
		},
		{
			Name: organizationID, Functions: receive,
			Meaning:  "DT organization whose asymmetric signatures (DT-Asymmetric-Signature) are accepted",
			Accepted: "the organization's id, or organizations/ID",
		},
		{
			Name: oidcIssuer, Functions: receive,
			Meaning:  "issuer of the asymmetric signatures",
			Accepted: "an https URL without query and fragment (http for this machine alone)",
			Default:  "https://identity.disruptive-technologies.com/data-connector",
		},
		{
			Name: allowSHA1, Functions: receive,
			Meaning:  "accept tokens with a SHA-1 checksum alone, as DT made them before 2022",
			Accepted: "true or false",
			Default:  "false",
		},
		{
			Name: eventTypes, Functions: events,
			Meaning:  "types of the events that pass; empty means all",
			Accepted: "comma-separated event types, such as temperature,touch",
		},
		{
			Name: deviceTypes, Functions: events,
			Meaning:  "types of the devices whose events pass; empty means all",
			Accepted: "comma-separated device types, such as temperature,humidity",
		},
		{
			Name: projectIDs, Functions: events,
			Meaning:  "projects whose events pass; empty means all",
			Accepted: "comma-separated project ids, or projects/ID",
		},
		{
			Name: labelSelector, Functions: events,
			Meaning:  "condition on a device's labels for its events to pass; empty means all",
			Accepted: `comma-separated conditions, such as floor in (1,2), customer, !test, name="Coffee machine"`,
		},
		{
			Name: labelNames, Functions: events,
			Meaning:  "labels that go on with an event, and their new names; empty means all, unchanged",
			Accepted: "comma-separated labels, each key or key=new-name",
		},
		{
			Name: labelDefaults, Functions: events,
			Meaning:  "values for devices without a label",
			Accepted: "comma-separated labels, each key=value",
		},
		{
			Name: sinkURLs, Functions: events,
			Meaning:  "where events go; an event is accepted when all sinks have it; required",
			Accepted: "comma-separated sink URLs (write a comma inside a URL as %2C)",
		},
		{
			Name: deadLetterURL, Functions: events,
			Meaning:  "where authentic events go that cannot be decoded",
			Accepted: "one sink URL (write a comma inside it as %2C)",
			Default:  "the sinks of DT_SINK",
		},
		{
			Name: forwardSecret, Functions: events, Secret: true,
			Meaning: "secret that https:// sinks sign with; required with one, and best not DT_SIGNATURE_SECRET: " +
				"whoever verifies with that could forge DT's events",
			Accepted: "a secret shared with the receiver, at least 16 bytes",
		},
		{
			Name: encodingName, Functions: events,
			Meaning:  "form in which events go on: cloudevents, or raw for the body as it was received",
			Accepted: "cloudevents or raw; raw only without DT_LABELS and DT_LABEL_DEFAULTS",
			Default:  "cloudevents",
		},
		{
			Name: connectorNames, Functions: api,
			Meaning:  "Data Connectors to work on; required",
			Accepted: "comma-separated projects/P/dataconnectors/C",
		},
		{
			Name: connectorConfig, Functions: []string{"configure"},
			Meaning:  "wanted settings of the connectors; what is left out stays as it is",
			Accepted: "JSON with any of displayName, status (ACTIVE or USER_DISABLED), events, labels, httpConfig (url, headers); or an object of these by connector, * for all others",
		},
		{
			Name: checkpointURL, Functions: []string{"recover"},
			Meaning:  "where recover keeps how far it came; required",
			Accepted: "one checkpoint URL",
		},
		{
			Name: recoverUserDisabled, Functions: []string{"recover"},
			Meaning:  "enable connectors too that a user has disabled",
			Accepted: "true or false",
			Default:  "false",
		},
		{
			Name: recoverOverlap, Functions: []string{"recover"},
			Meaning:  "how far before the checkpoint events are fetched again, since some reach DT late",
			Accepted: "a duration from 0 to 744h, such as 90m",
			Default:  "1h",
		},
		{
			Name: apiURL, Functions: api,
			Meaning:  "DT's REST API",
			Accepted: "an https URL",
			Default:  "https://api.d21s.com/v2",
		},
		{
			Name: tokenURL, Functions: api,
			Meaning:  "where access tokens for the REST API come from",
			Accepted: "an https URL",
			Default:  "https://identity.disruptive-technologies.com/oauth2/token",
		},
		{
			Name: serviceAccountKeyID, Functions: api,
			Meaning:  "key id of the service account; required",
			Accepted: "a key id",
		},
		{
			Name: serviceAccountSecret, Functions: api, Secret: true,
			Meaning:  "secret of that key; required",
			Accepted: "the key's secret, exactly",
		},
		{
			Name: serviceAccountEmail, Functions: api,
			Meaning:  "email of the service account; without it Basic auth is used",
			Accepted: "an email address",
		},
		{
			Name: logLevel, Functions: all,
			Meaning:  "least level of the lines that are logged",
			Accepted: "debug, info, warn or error",
			Default:  "info",
		},
		{
			Name: portNumber, Functions: receive,
			Meaning:  "port to listen on, where receive runs as a server of its own",
			Accepted: "a number from 0 to 65535; 0 takes any free port",
			Default:  "8080",
		},
		{
			Name: "DT_SCHEDULE", Functions: []string{"sync", "configure", "recover"},
			Meaning:  "when the server runs them, in UTC; for platforms without a schedule of their own",
			Accepted: "cron expressions by function, such as sync=0 3 * * *; recover=*/5 * * * *; configure=@hourly",
		},
	}
}
