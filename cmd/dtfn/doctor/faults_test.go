package doctor_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dt-functions/dt-functions/cmd/dtfn/doctor"
	"github.com/dt-functions/dt-functions/local/dtcloud"
	"github.com/dt-functions/dt-functions/shared/event"
	"github.com/dt-functions/dt-functions/shared/settings"
)

func ptr[T any](v T) *T { return &v }

// answering answers everything alike.
func answering(status int, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		io.WriteString(w, body)
	})
}

func TestHealthy(t *testing.T) {
	for name, p := range map[string]plan{
		"plain":        {},
		"secret given": {config: func(c *doctor.Config) { c.Env["DT_SIGNATURE_SECRET"] = theSecret; c.ReadSecret = readAccount(c) }},
		"connector's":  {deployment: func(d *doctor.Deployment) { d.SignatureSecret = "" }},
		"filtered":     {settings: settings.Environment{"DT_EVENT_TYPES": "temperature"}, connector: dtcloud.Connector{Events: []string{"temperature"}}},
		"wanted": {connector: dtcloud.Connector{Events: []string{"touch"}, Labels: []string{"name"}}, deployment: func(d *doctor.Deployment) {
			d.Wanted = &doctor.Wanted{Events: &[]string{"touch"}, Labels: &[]string{"name"}}
		}},
		"clocks near":      {endpointAhead: 20 * time.Second, machineAhead: -20 * time.Second},
		"front door's off": {dateAhead: 10 * time.Minute}, // the function's own clock is right
		"late":             {deployment: func(d *doctor.Deployment) { d.Sinks = []string{"shelf://main?fault=late"} }},
		"login from the environment": {deployment: sinks("shelf://main"), config: func(c *doctor.Config) {
			c.Env["DT_SINK"] = "shelf://other, shelf://user:" + theSecret + "@main?fault=login"
		}},
		"no configure": {deployment: func(d *doctor.Deployment) { delete(d.Schedules, "configure") }},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, p)
			results := w.run(t)
			if !doctor.Clean(results) || doctor.Failed(results) {
				t.Error(show(results))
			}
			for _, want := range []string{
				doctor.CheckEndpoint, doctor.CheckUnsigned, doctor.CheckForged, doctor.CheckSecret, doctor.CheckClock, doctor.CheckEvent, doctor.CheckSink,
				doctor.CheckConnectorStatus, doctor.CheckConnectorURL, doctor.CheckConnectorSecret, doctor.CheckConnectorEvents, doctor.CheckConnectorLabels, doctor.CheckConnectorDeliveries, doctor.CheckSchedule,
			} {
				resultOf(t, results, want)
			}
			if n := len(w.shelves.on("main")); n != 1 && name != "late" {
				t.Errorf("%d events went through, want one", n)
			}
		})
	}
}

func readAccount(c *doctor.Config) func(_ ctx, reference string) (secretText, error) {
	all := c.ReadSecret
	return func(ctx ctx, reference string) (secretText, error) {
		if reference != "aws-ssm://account" {
			return secretText{}, errorText("nobody should ask for " + reference)
		}
		return all(ctx, reference)
	}
}

// Five refused requests within five minutes are alarmed on by default: a doctor must
// not be the cause.
func TestRefusedRequestsAreFew(t *testing.T) {
	w := newWorld(t, plan{})
	w.run(t)
	if n := len(w.posts); n != 5 {
		t.Errorf("%d requests, want 4 that are refused and one that is accepted", n)
	}
}

// Each fault is named by a check that fails, and nothing else fails but what is said
// here. All failures are in the order of cause and effect.
func TestFaults(t *testing.T) {
	const d = 10 * time.Minute
	tests := map[string]struct {
		plan
		want    []string // the checks that fail
		says    string   // part of what the first one has found
		remedy  string   // part of its remedy
		through int      // events in the sink
	}{
		"nothing there":              {plan: plan{deployment: endpoint("http://127.0.0.1:1/dt")}, want: []string{"endpoint"}, says: "takes no connections", remedy: "function runs"},
		"no such host":               {plan: plan{deployment: endpoint("https://receive.invalid/dt")}, want: []string{"endpoint"}, says: "does not resolve: receive.invalid", remedy: "DNS"},
		"wrong path":                 {plan: plan{deployment: func(d *doctor.Deployment) { d.Endpoint += "/else" }}, want: []string{"endpoint"}, says: "another path", remedy: "wrong URL"},
		"no endpoint":                {plan: plan{deployment: endpoint("")}, want: []string{"endpoint"}, says: "there is no endpoint", remedy: "--endpoint"},
		"not a URL":                  {plan: plan{deployment: endpoint("receive.example.com")}, want: []string{"endpoint"}, says: "not an https URL", remedy: "https://"},
		"http":                       {plan: plan{deployment: endpoint("http://receive.example.com/")}, want: []string{"endpoint"}, says: "read and replayed", remedy: "https"},
		"404":                        {plan: plan{serve: answering(404, "nope")}, want: []string{"endpoint"}, says: "nothing is served", remedy: "wrong URL"},
		"404 of Cloud Run":           {plan: plan{serve: answering(404, ""), deployment: func(d *doctor.Deployment) { d.Cloud = "gcp" }}, want: []string{"endpoint"}, says: "nothing is served", remedy: "ingress"},
		"405":                        {plan: plan{serve: answering(405, "")}, want: []string{"endpoint"}, says: "takes no POST", remedy: "wrong URL"},
		"403":                        {plan: plan{serve: answering(403, `{"Message":"Forbidden"}`), deployment: func(d *doctor.Deployment) { d.Cloud = "aws" }}, want: []string{"endpoint"}, says: "before receive has it", remedy: "InvokeFunctionUrl"},
		"401 of a gateway":           {plan: plan{serve: answering(401, "")}, want: []string{"endpoint"}, says: "not of receive", remedy: "everybody"},
		"400 of something":           {plan: plan{serve: answering(400, "")}, want: []string{"endpoint"}, says: "not what receive answers", remedy: "wrong URL"},
		"429":                        {plan: plan{serve: answering(429, "")}, want: []string{"endpoint"}, says: "throttles", remedy: "limit"},
		"redirect":                   {plan: plan{serve: http.RedirectHandler("https://elsewhere.example/", http.StatusPermanentRedirect)}, want: []string{"endpoint"}, says: "redirects", remedy: "address"},
		"function does not start":    {plan: plan{serve: answering(502, "Internal Server Error")}, want: []string{"endpoint"}, says: "could not run", remedy: "log"},
		"receive has a defect":       {plan: plan{serve: answering(500, `{"outcome":"error","reason":"panic"}`)}, want: []string{"endpoint"}, says: "500 (panic)", remedy: "log"},
		"connection torn":            {plan: plan{serve: tearing()}, want: []string{"endpoint"}, says: "breaks before an answer", remedy: "proxy"},
		"unsigned accepted":          {plan: plan{serve: answering(200, `{"outcome":"accepted"}`)}, want: []string{"unsigned", "forged"}, says: "forged events", remedy: "off the network"},
		"unsigned accepted with 204": {plan: plan{serve: answering(204, "")}, want: []string{"unsigned", "forged"}, says: "forged events", remedy: "off the network"},
		"only signed ones refused":   {plan: plan{serve: careless(t)}, want: []string{"unsigned"}, says: "forged events", remedy: "DT_SIGNATURE_SECRET"},
		"any signature accepted":     {plan: plan{serve: gullible()}, want: []string{"forged"}, says: "wrong signature is accepted", remedy: "off the network"},

		"no secret": {plan: plan{givenSecret: "none", connectorSecret: "none", deployment: func(d *doctor.Deployment) { d.SignatureSecret = "" }}, want: []string{"secret", "connector-secret"}, says: "none to sign", remedy: "DT_SIGNATURE_SECRET"},
		"secret cannot be read": {plan: plan{config: func(c *doctor.Config) {
			c.ReadSecret = nil
			c.Deployment.Connectors = nil
			c.Deployment.Schedules = nil
		}}, want: []string{"secret"}, says: "aws-secretsmanager://arn", remedy: "log in"},
		"function has another secret": {plan: plan{endpointSecret: otherSecret}, want: []string{"secret"}, says: "another secret than aws-secretsmanager://arn and the connector", remedy: "anew"},
		"given secret is wrong":       {plan: plan{config: func(c *doctor.Config) { c.Env["DT_SIGNATURE_SECRET"] = otherSecret }}, want: []string{"secret"}, says: "those two agree", remedy: "correct or unset DT_SIGNATURE_SECRET", through: 1},
		"store's secret is wrong":     {plan: plan{givenSecret: otherSecret}, want: []string{"secret"}, says: "those two agree", remedy: "anew; then set DT_SIGNATURE_SECRET", through: 1},
		"connector's secret is wrong": {plan: plan{connectorSecret: otherSecret}, want: []string{"connector-secret"}, says: "another secret than the endpoint's", remedy: "rotate-secret", through: 1},
		"connector has no secret":     {plan: plan{connectorSecret: "none"}, want: []string{"connector-secret"}, says: "no signature secret", remedy: "rotate-secret", through: 1},
		"all three secrets differ":    {plan: plan{endpointSecret: "s3cr3t-MARK-a-third", connectorSecret: otherSecret}, want: []string{"secret"}, says: "accepts neither", remedy: "anew"},
		"only the connector's known, and wrong": {plan: plan{endpointSecret: otherSecret, deployment: func(d *doctor.Deployment) { d.SignatureSecret = "" }},
			want: []string{"secret"}, says: "does not accept the secret of the connector", remedy: "rotate-secret"},
		"another secret, and no connector to compare": {plan: plan{endpointSecret: otherSecret, config: func(c *doctor.Config) { c.Deployment.Connectors = nil; c.Deployment.Schedules = nil }},
			want: []string{"secret"}, says: "does not accept the secret from aws-secretsmanager://arn", remedy: "see that aws-secretsmanager://arn is the function's"},

		"endpoint's clock behind":             {plan: plan{endpointAhead: -d}, want: []string{"clock=endpoint"}, says: "10 minutes behind DT's clock", remedy: "NTP", through: 1},
		"endpoint's clock ahead":              {plan: plan{endpointAhead: d}, want: []string{"clock=endpoint"}, says: "10 minutes ahead of DT's clock", remedy: "NTP", through: 1},
		"endpoint's clock far behind":         {plan: plan{endpointAhead: -26 * time.Hour}, want: []string{"clock=endpoint"}, says: "26 hours behind DT's clock", remedy: "NTP", through: 1},
		"endpoint's clock ahead, front right": {plan: plan{endpointAhead: d, dateAhead: -d}, want: []string{"clock=endpoint"}, says: "10 minutes ahead of DT's clock", remedy: "NTP", through: 1},
		"this machine's clock behind":         {plan: plan{machineAhead: -d}, want: []string{"clock=this machine"}, says: "10 minutes behind DT's clock", remedy: "NTP", through: 1},
		"this machine's clock ahead":          {plan: plan{machineAhead: d}, want: []string{"clock=this machine"}, says: "10 minutes ahead of DT's clock", remedy: "NTP", through: 1},
		"all clocks differ":                   {plan: plan{machineAhead: d, endpointAhead: -d}, want: []string{"clock=endpoint", "clock=this machine"}, says: "10 minutes behind DT's clock", remedy: "NTP", through: 1},
		"clocks differ, DT not to be asked":   {plan: plan{machineAhead: d, config: noAPI}, want: []string{"clock=endpoint"}, says: "10 minutes behind this machine's clock", remedy: "set both", through: 1},
		"front door's clock, no secret":       {plan: plan{dateAhead: d, deployment: func(d *doctor.Deployment) { d.SignatureSecret = "" }, connectorSecret: "none"}, want: []string{"secret", "clock=endpoint", "connector-secret"}, says: "none to sign", remedy: "DT_SIGNATURE_SECRET"},

		"publishes elsewhere":       {plan: plan{deployment: sinks("shelf://other")}, want: []string{"sink"}, says: "is not there after", remedy: "DT_SINK", through: 1},
		"one of two sinks is empty": {plan: plan{deployment: sinks("shelf://main", "shelf://other")}, want: []string{"sink"}, says: "is not there after", remedy: "DT_SINK", through: 1},
		"not seen in a queue":       {plan: plan{deployment: sinks("shelf://other?fault=taken")}, want: []string{"sink"}, says: "a consumer was faster", remedy: "--ignore sink=shelf://other", through: 1},
		"no such sink":              {plan: plan{deployment: sinks("shelf://gone?fault=absent"), serve: signed(t, 503, `{"outcome":"retry","reason":"sink"}`)}, want: []string{"sink"}, says: "there is no such sink: the room has none", remedy: "make it"},
		"one of two is not there":   {plan: plan{deployment: sinks("shelf://main", "shelf://gone?fault=absent")}, want: []string{"sink"}, says: "there is no such sink", remedy: "correct its URL", through: 1},
		"filter impossible":         {plan: plan{deployment: setting("DT_LABEL_SELECTOR", "a=1,!a")}, want: []string{"event", "connector-labels"}, says: "excludes itself", remedy: "correct the setting"},
		"setting misspelled":        {plan: plan{deployment: setting("DT_EVENT_TYPES", "temprature")}, want: []string{"event"}, says: "temperature", remedy: "correct the setting"},
		"selector wrong":            {plan: plan{deployment: setting("DT_LABEL_SELECTOR", "a in (")}, want: []string{"event"}, says: "DT_LABEL_SELECTOR", remedy: "correct the setting"},
		"filtered all the same":     {plan: plan{settings: settings.Environment{"DT_EVENT_TYPES": "temperature"}, deployment: func(d *doctor.Deployment) { d.Settings = nil }}, want: []string{"event"}, says: "is filtered (event-type)", remedy: "--settings"},
		"sink out of order":         {plan: plan{serve: signed(t, 503, `{"outcome":"retry","reason":"sink"}`)}, want: []string{"event"}, says: "cannot publish", remedy: "names the sink"},
		"keys out of reach":         {plan: plan{serve: signed(t, 503, `{"outcome":"retry","reason":"keys-unavailable"}`)}, want: []string{"event"}, says: "503 (keys-unavailable)", remedy: "log"},
		"dead-lettered":             {plan: plan{serve: signed(t, 200, `{"outcome":"dead-lettered","reason":"envelope"}`)}, want: []string{"event"}, says: "dead-lettered (envelope)", remedy: "version"},
		"body changed on the way":   {plan: plan{serve: signed(t, 401, `{"outcome":"unauthorized","reason":"checksum-wrong"}`)}, want: []string{"event"}, says: "body is changed", remedy: "exact bytes"},
		"not in receive's words":    {plan: plan{serve: signed(t, 200, "OK")}, want: []string{"event"}, says: "not in receive's words", remedy: "leads to receive"},

		"connector disabled by a user": {plan: plan{connector: dtcloud.Connector{Status: dtcloud.StatusUserDisabled}}, want: []string{"connector-status"}, says: "USER_DISABLED", remedy: "dtfn connector enable projects/p1", through: 1},
		"connector disabled by DT":     {plan: plan{world: disabled}, want: []string{"connector-status"}, says: "SYSTEM_DISABLED", remedy: "recover then fetches", through: 1},
		"disabled, no recover":         {plan: plan{connector: dtcloud.Connector{Status: dtcloud.StatusUserDisabled}, deployment: func(d *doctor.Deployment) { d.Schedules = nil }}, want: []string{"connector-status"}, says: "USER_DISABLED", remedy: "dtfn recover --since TIME", through: 1},
		"connector posts elsewhere":    {plan: plan{connector: dtcloud.Connector{HTTPConfig: dtcloud.HTTPConfig{URL: "https://old.example/?key=" + theSecret}}}, want: []string{"connector-url"}, says: "https://old.example/?key=[redacted]", remedy: "endpoint's URL", through: 1},
		"connector of another type":    {plan: plan{deployment: func(d *doctor.Deployment) {}, world: otherType}, want: []string{"connector-url"}, says: "AWS_SQS", remedy: "HTTP_PUSH", through: 1},
		"no such connector":            {plan: plan{deployment: func(d *doctor.Deployment) { d.Connectors = []string{"projects/p1/dataconnectors/gone"} }}, want: []string{"connector"}, says: "404", remedy: "make the connector", through: 1},
		"name of no connector":         {plan: plan{deployment: func(d *doctor.Deployment) { d.Connectors = []string{"p1"} }}, want: []string{"connector"}, says: "p1", remedy: "projects/P", through: 1},
		"service account without role": {plan: plan{world: strangersAccount}, want: []string{"connector"}, says: "403", remedy: "project.user", through: 1},
		"service account unknown":      {plan: plan{config: func(c *doctor.Config) { c.Deployment.ServiceAccount.KeyID = "nosuchkey" }}, want: []string{"connector"}, says: "DT's API cannot be used", remedy: "key id", through: 1},
		"events not as wanted":         {plan: plan{connector: dtcloud.Connector{Events: []string{"touch", "co2"}}, deployment: wanted(doctor.Wanted{Events: &[]string{"touch", "motion"}})}, want: []string{"connector-events"}, says: "missing: motion; too many: co2", remedy: "dtfn configure", through: 1},
		"all events, not wanted":       {plan: plan{deployment: wanted(doctor.Wanted{Events: &[]string{"touch"}})}, want: []string{"connector-events"}, says: "forwards all types; wanted are touch", remedy: "dtfn configure", through: 1},
		"events not forwarded":         {plan: plan{settings: settings.Environment{"DT_EVENT_TYPES": "touch,co2"}, connector: dtcloud.Connector{Events: []string{"touch"}}}, want: []string{"connector-events"}, says: "does not forward co2", remedy: "DT_EVENT_TYPES", through: 1},
		"labels not as wanted":         {plan: plan{connector: dtcloud.Connector{Labels: []string{"name"}}, deployment: wanted(doctor.Wanted{Labels: &[]string{"name", "floor"}})}, want: []string{"connector-labels"}, says: "missing: floor", remedy: "dtfn configure", through: 1},
		"label for the selector":       {plan: plan{settings: settings.Environment{"DT_LABEL_SELECTOR": "floor in (1,2), !test"}, connector: dtcloud.Connector{Labels: []string{"test"}}}, want: []string{"connector-labels"}, says: "does not send the label floor", remedy: "add it", through: 1},
		"headers not as wanted":        {plan: plan{deployment: headers("X-Key", theSecret)}, want: []string{"connector-headers"}, says: "X-Key", remedy: "dtfn configure", through: 1},
		"nothing comes from DT":        {plan: plan{world: failures}, want: []string{"connector-deliveries"}, says: "though events from here are accepted", remedy: "firewall", through: 1},

		"recover not scheduled": {plan: plan{deployment: func(d *doctor.Deployment) { delete(d.Schedules, "recover") }}, want: []string{"schedule=recover"}, says: "not scheduled", remedy: "schedules.recover", through: 1},
		"schedule is empty":     {plan: plan{deployment: func(d *doctor.Deployment) { d.Schedules["configure"] = doctor.Schedule{} }}, want: []string{"schedule=configure"}, says: "never runs", remedy: "schedules.configure", through: 1},

		// Several at once: what follows from the first is not called a fault.
		"endpoint down and connector disabled": {plan: plan{serve: answering(502, ""), world: disabled}, want: []string{"endpoint", "connector-status"}, says: "could not run", remedy: "log"},
		"connector disabled, all deliveries failed": {plan: plan{connector: dtcloud.Connector{Status: dtcloud.StatusUserDisabled}, world: func(t *testing.T, w *world) {
			w.answerMetrics(t, `{"metrics":{"successCount":0,"errorCount":7,"latency99p":"0s"}}`)
		}}, want: []string{"connector-status"}, says: "USER_DISABLED", remedy: "enable", through: 1},
		"no such sink, all deliveries failed": {plan: plan{deployment: sinks("shelf://gone?fault=absent"), serve: signed(t, 503, `{"outcome":"retry","reason":"sink"}`), world: failures}, want: []string{"sink"}, says: "no such sink", remedy: "make it"},
		"wrong secret, all deliveries failed": {plan: plan{endpointSecret: otherSecret, world: failures}, want: []string{"secret"}, says: "refuses all that DT sends", remedy: "anew"},
		"endpoint behind and sink wrong":      {plan: plan{endpointAhead: -d, deployment: sinks("shelf://other")}, want: []string{"clock=endpoint", "sink"}, says: "behind", remedy: "NTP", through: 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, test.plan)
			if len(test.want) > 0 && strings.HasPrefix(test.want[len(test.want)-1], "sink") || strings.Contains(strings.Join(test.want, " "), "sink") {
				w.config.Wait = 20 * time.Millisecond // it is not going to be there
			}
			results := w.run(t)
			if got := failed(results); !reflect.DeepEqual(got, test.want) {
				t.Fatalf("failed: %q, want %q%s", got, test.want, show(results))
			}
			check, _, _ := strings.Cut(test.want[0], "=")
			for _, r := range results {
				if r.Status != doctor.Fail {
					continue
				}
				if r.Check != check || !strings.Contains(r.Found, test.says) || !strings.Contains(r.Remedy, test.remedy) {
					t.Errorf("%+v; want %q and %q", r, test.says, test.remedy)
				}
				break
			}
			if n := len(w.shelves.on("main")); n != test.through {
				t.Errorf("%d events went through, want %d", n, test.through)
			}
		})
	}
}

// What may be a fault, or could not be looked at, says so.
func TestDoubts(t *testing.T) {
	tests := map[string]struct {
		plan
		warned, skipped []string
		check, says     string
	}{
		"sink of no finder":      {plan: plan{deployment: sinks("kafkas://broker.example/topic")}, skipped: nil, warned: []string{"sink"}, check: "sink", says: "cannot be looked into"},
		"sink nobody looks into": {plan: plan{deployment: sinks("shelf://main?fault=blind")}, warned: []string{"sink"}, check: "sink", says: "nobody can look into it"},
		"no permission":          {plan: plan{deployment: sinks("shelf://main?fault=prepare")}, warned: []string{"sink"}, check: "sink", says: "accepted, not seen: no permission to read"},
		"left behind":            {plan: plan{deployment: sinks("shelf://main?fault=close")}, warned: []string{"sink"}, check: "sink", says: ""},
		"no login":               {plan: plan{deployment: sinks("shelf://main?fault=login")}, warned: []string{"sink"}, check: "sink", says: "the shelf is locked"},
		"no sink":                {plan: plan{deployment: sinks()}, skipped: []string{"sink"}, check: "sink", says: "no sink is named"},
		"no connector":           {plan: plan{deployment: func(d *doctor.Deployment) { d.Connectors = nil }}, skipped: []string{"connector"}, warned: []string{"schedule="}, check: "connector", says: "no connector is named"},
		"no service account":     {plan: plan{deployment: func(d *doctor.Deployment) { d.ServiceAccount = doctor.ServiceAccount{} }}, skipped: []string{"connector"}, check: "connector", says: "no service account"},
		"no schedules":           {plan: plan{deployment: func(d *doctor.Deployment) { d.Schedules = nil }}, skipped: []string{"schedule="}, check: "schedule", says: "outputs of Terraform"},
		"configure off": {plan: plan{connector: dtcloud.Connector{Events: []string{"touch"}}, deployment: func(d *doctor.Deployment) {
			d.Wanted = &doctor.Wanted{Events: &[]string{"touch"}}
			delete(d.Schedules, "configure")
		}}, warned: []string{"schedule=configure"}, check: "clock", says: "agrees"},
		"disabled as wanted":   {plan: plan{connector: dtcloud.Connector{Status: dtcloud.StatusUserDisabled}, deployment: wanted(doctor.Wanted{Status: ptr("USER_DISABLED")})}, warned: []string{"connector-status"}, check: "connector-status", says: "as the settings want it"},
		"secret being changed": {plan: plan{connectorSecret: otherSecret, settings: settings.Environment{"DT_SIGNATURE_SECRET_PREVIOUS": otherSecret}}, warned: []string{"connector-secret"}, check: "connector-secret", says: "still accepts"},
		"store closed, connector's used": {plan: plan{config: func(c *doctor.Config) {
			all := c.ReadSecret
			c.ReadSecret = func(ctx ctx, reference string) (secretText, error) {
				if reference == "aws-ssm://account" {
					return all(ctx, reference)
				}
				return secretText{}, errorText("access denied")
			}
		}}, warned: []string{"secret"}, check: "secret", says: "access denied"},
		"DT's signature alone": {plan: plan{serve: answering(401, `{"outcome":"unauthorized","reason":"signature-missing"}`), connectorSecret: "none", deployment: func(d *doctor.Deployment) {
			d.SignatureSecret = ""
			d.Settings = map[string]string{"DT_ORGANIZATION_ID": "org"}
		}}, warned: []string{"secret"}, skipped: []string{"event", "sink"}, check: "secret", says: "nobody else can make"},
		"clock a little off": {plan: plan{endpointAhead: 48 * time.Second}, warned: []string{"clock=endpoint"}, check: "clock", says: " s ahead of DT's clock"},
		"some deliveries failed": {plan: plan{world: func(t *testing.T, w *world) {
			failures(t, w)
			deliver(t, w)
		}}, warned: []string{"connector-deliveries"}, check: "connector-deliveries", says: "failed"},
		"slow deliveries": {plan: plan{world: func(t *testing.T, w *world) {
			w.answerMetrics(t, `{"metrics":{"successCount":9,"errorCount":0,"latency99p":"6.25s"}}`)
		}}, warned: []string{"connector-deliveries"}, check: "connector-deliveries", says: "up to 6.2 s (99 %); DT waits 10 s"},
		"known":              {plan: plan{connector: dtcloud.Connector{Status: dtcloud.StatusUserDisabled}, config: ignore("connector-status")}, warned: []string{"connector-status"}, check: "connector-status", says: "known, and ignored"},
		"known of a subject": {plan: plan{deployment: func(d *doctor.Deployment) { delete(d.Schedules, "recover") }, config: ignore("schedule=recover")}, warned: []string{"schedule=recover"}, check: "endpoint", says: "answers"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, test.plan)
			results := w.run(t)
			if test.warned == nil {
				test.warned = []string{}
			}
			if test.skipped == nil {
				test.skipped = []string{}
			}
			if got := failed(results); len(got) > 0 {
				t.Errorf("failed: %q", got)
			}
			if got := with(results, doctor.Warn); !reflect.DeepEqual(got, test.warned) {
				t.Errorf("warned: %q, want %q", got, test.warned)
			}
			if got := with(results, doctor.Skip); !reflect.DeepEqual(got, test.skipped) {
				t.Errorf("not looked at: %q, want %q", got, test.skipped)
			}
			if r := resultOf(t, results, test.check); !strings.Contains(r.Found, test.says) {
				t.Errorf("%+v, want %q", r, test.says)
			}
			if doctor.Clean(results) {
				t.Error("it counts as clean")
			}
		})
	}
}

// A sink that is not there comes before what follows from it.
func TestAbsentSinkComesFirst(t *testing.T) {
	w := newWorld(t, plan{deployment: sinks("shelf://main", "shelf://gone?fault=absent"), serve: signed(t, 503, `{"outcome":"retry","reason":"sink"}`)})
	results := w.run(t)
	var order []string
	for _, r := range results {
		if r.Check == doctor.CheckSink || r.Check == doctor.CheckEvent {
			order = append(order, string(r.Status)+" "+r.Check+" "+r.Subject)
		}
	}
	if want := []string{"FAIL sink shelf://gone", "warn event ", "skip sink shelf://main"}; !slices.Equal(order, want) {
		t.Errorf("%q, want %q", order, want)
	}
	if r := resultOf(t, results, doctor.CheckEvent); r.Remedy != "remove the fault above; DT repeats events for 12 hours" {
		t.Errorf("%+v", r)
	}
}

// How a function comes to read its secret again differs by platform.
func TestReadAnew(t *testing.T) {
	for cloud, want := range map[string]string{"aws": "wait five minutes", "azure": "wait five minutes", "gcp": "apply again", "ibm": "apply again", "heroku": "apply again", "": "restart"} {
		w := newWorld(t, plan{endpointSecret: otherSecret, deployment: func(d *doctor.Deployment) { d.Cloud = cloud }})
		if r := resultOf(t, w.run(t), doctor.CheckSecret); !strings.HasPrefix(r.Remedy, want) {
			t.Errorf("%q: %+v", cloud, r)
		}
	}
}

// What is given as a reference and is none may be the secret itself.
func TestNoReference(t *testing.T) {
	for _, reference := range []string{theSecret, "postgres://user:" + theSecret + "@host/"} {
		w := newWorld(t, plan{
			deployment: func(d *doctor.Deployment) { d.SignatureSecret, d.ServiceAccount.Secret = reference, reference },
			config: func(c *doctor.Config) {
				c.ReadSecret = func(ctx, string) (secretText, error) { return secretText{}, errorText("not a reference") }
			},
		})
		if r := resultOf(t, w.run(t), doctor.CheckSecret); r.Status != doctor.Fail || !strings.Contains(r.Found, "the reference that was given") {
			t.Errorf("%+v", r)
		}
	}
}

// What cannot be known without the endpoint is not called a fault.
func TestEndpointDown(t *testing.T) {
	w := newWorld(t, plan{serve: answering(502, ""), connectorSecret: otherSecret, connector: dtcloud.Connector{HTTPConfig: dtcloud.HTTPConfig{URL: "https://old.example/?key=" + theSecret}}})
	results := w.run(t)
	if got := failed(results); !reflect.DeepEqual(got, []string{"endpoint"}) {
		t.Error(show(results))
	}
	if got := with(results, doctor.Warn); !reflect.DeepEqual(got, []string{"connector-url", "connector-secret"}) {
		t.Error(show(results))
	}
}

// Empty means all: then nothing is too many.
func TestAllEventsWanted(t *testing.T) {
	w := newWorld(t, plan{connector: dtcloud.Connector{Events: []string{"touch"}}, deployment: wanted(doctor.Wanted{Events: &[]string{}})})
	if r := resultOf(t, w.run(t), doctor.CheckConnectorEvents); r.Status != doctor.Fail || r.Found != "it forwards touch; wanted are all types" {
		t.Errorf("%+v", r)
	}
}

// Two URLs that mean the same are the same.
func TestSameURL(t *testing.T) {
	w := newWorld(t, plan{serve: signed(t, 200, `{"outcome":"accepted"}`)})
	w.config.Deployment.Sinks = nil // nothing is published there
	name := w.Connector(t, dtcloud.Connector{HTTPConfig: dtcloud.HTTPConfig{URL: w.endpoint.URL, SignatureSecret: theSecret}})
	w.config.Deployment.Connectors, w.config.Deployment.Endpoint = []string{string(name)}, strings.Replace(w.endpoint.URL, "http:", "HTTP:", 1)+"/"
	if r := resultOf(t, w.run(t), doctor.CheckConnectorURL); r.Status != doctor.OK {
		t.Errorf("%+v", r)
	}
}

// Variables may name secrets instead of holding them, as on the platforms.
func TestReferencesInTheEnvironment(t *testing.T) {
	w := newWorld(t, plan{deployment: func(d *doctor.Deployment) { d.SignatureSecret, d.ServiceAccount = "", doctor.ServiceAccount{} }})
	w.config.Env["DT_SIGNATURE_SECRET"], w.config.Env["DT_SERVICE_ACCOUNT_SECRET"] = "aws-secretsmanager://other", "aws-ssm://account"
	w.config.Env["DT_SERVICE_ACCOUNT_KEY_ID"], w.config.Env["DT_SERVICE_ACCOUNT_EMAIL"] = w.Account.KeyID, w.Account.Email
	results := w.run(t)
	if r := resultOf(t, results, doctor.CheckSecret); !doctor.Clean(results) || !strings.Contains(r.Found, "taken from aws-secretsmanager://other") {
		t.Error(show(results))
	}
}

// To measure a clock takes some requests, all of which are refused.
func TestMeasuringAClock(t *testing.T) {
	for ahead, most := range map[time.Duration]int{10 * time.Minute: 20, -10 * time.Minute: 20, 20 * 24 * time.Hour: 40, -20 * 24 * time.Hour: 40} {
		w := newWorld(t, plan{endpointAhead: ahead})
		results := w.run(t)
		if got := failed(results); !reflect.DeepEqual(got, []string{"clock=endpoint"}) || len(w.posts) > most || len(w.shelves.on("main")) != 1 {
			t.Errorf("%v: %d requests%s", ahead, len(w.posts), show(results))
		}
	}
}

func endpoint(url string) func(*doctor.Deployment) {
	return func(d *doctor.Deployment) { d.Endpoint = url }
}

func sinks(urls ...string) func(*doctor.Deployment) {
	return func(d *doctor.Deployment) { d.Sinks = urls }
}

func setting(name, value string) func(*doctor.Deployment) {
	return func(d *doctor.Deployment) { d.Settings = map[string]string{name: value} }
}

func wanted(w doctor.Wanted) func(*doctor.Deployment) {
	return func(d *doctor.Deployment) { d.Wanted = &w }
}

func headers(name, value string) func(*doctor.Deployment) {
	return func(d *doctor.Deployment) {
		d.Wanted = new(doctor.Wanted)
		d.Wanted.HTTPConfig.Headers = map[string]string{name: value}
	}
}

func ignore(text string) func(*doctor.Config) {
	return func(c *doctor.Config) {
		p, err := doctor.ParsePattern(text)
		if err != nil {
			panic(err)
		}
		c.Ignore = []doctor.Pattern{p}
	}
}

// noAPI lets DT's API be out of reach.
func noAPI(c *doctor.Config) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	c.Env["DT_API_URL"], c.Env["DT_TOKEN_URL"] = gone.URL, gone.URL
	c.Deployment.Connectors = nil
	c.Deployment.Schedules = nil
}

// disabled lets the connector fail for so long that DT disables it.
func disabled(t *testing.T, w *world) {
	t.Helper()
	if err := w.SetFaults(dtcloud.Faults{CorruptSignature: 1}); err != nil {
		t.Fatal(err)
	}
	device := w.Device(t, dtcloud.DeviceSpec{Type: event.DeviceTouch, ID: "d1"})
	for range 12 {
		w.Emit(t, device, event.TypeTouch, w.Clock().Now())
		w.Pass(t, 12*time.Hour)
	}
	if c, err := w.Cloud.Connector(w.connector); err != nil || c.Status != dtcloud.StatusSystemDisabled {
		t.Fatalf("%+v, %v", c, err)
	}
}

func otherType(t *testing.T, w *world) {
	t.Helper()
	name := w.Connector(t, dtcloud.Connector{Type: "AWS_SQS", OtherConfig: []byte(`{"awsSqsConfig":{"queueUrl":"https://sqs.example/q"}}`)})
	w.config.Deployment.Connectors = []string{string(name)}
}

// strangersAccount is one that is a member of no project.
func strangersAccount(t *testing.T, w *world) {
	t.Helper()
	account, err := w.AddServiceAccount(dtcloud.ServiceAccountSpec{})
	if err != nil {
		t.Fatal(err)
	}
	w.Account = account
	w.config.Deployment.ServiceAccount.KeyID, w.config.Deployment.ServiceAccount.Email = account.KeyID, account.Email
}

// failures lets a delivery of DT fail.
func failures(t *testing.T, w *world) {
	t.Helper()
	if err := w.SetFaults(dtcloud.Faults{CorruptSignature: 1}); err != nil {
		t.Fatal(err)
	}
	w.Emit(t, w.Device(t, dtcloud.DeviceSpec{Type: event.DeviceTouch, ID: "d1"}), event.TypeTouch, w.Clock().Now())
	w.Pass(t, time.Second)
	if m, err := w.Metrics(w.connector); err != nil || m.ErrorCount == 0 {
		t.Fatalf("%+v, %v", m, err)
	}
}
