package doctor

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/dt-functions/dt-functions/shared/dtapi"
	"github.com/dt-functions/dt-functions/shared/label"
	"github.com/dt-functions/dt-functions/shared/settings"
)

// A connectorState is what DT says of one connector.
type connectorState struct {
	name dtapi.ConnectorName
	dtapi.Connector
	err        error
	metrics    dtapi.Metrics
	metricsErr error
}

// askDT asks DT's API for the connectors.
func (r *run) askDT(ctx context.Context) {
	if len(r.Deployment.Connectors) == 0 {
		r.apiWhy = "no connector is named"
		return
	}
	client, err := r.client(ctx)
	if err != nil {
		r.apiWhy = clean(err.Error())
		return
	}
	for _, text := range r.Deployment.Connectors {
		s := connectorState{name: dtapi.ConnectorName(clean(text))}
		var name dtapi.ConnectorName
		if name, s.err = dtapi.ParseConnectorName(text); s.err == nil {
			s.name = name
			s.Connector, s.err = client.Connector(ctx, name)
		}
		if s.err == nil {
			s.metrics, s.metricsErr = client.ConnectorMetrics(ctx, name)
		}
		r.states = append(r.states, s)
	}
}

// client returns a client of DT's API, with the service account of the environment or
// the deployment's. The error says what is missing.
func (r *run) client(ctx context.Context) (*dtapi.Client, error) {
	env := maps.Clone(r.Env)
	if env == nil {
		env = settings.Environment{}
	}
	account := r.Deployment.ServiceAccount
	if env["DT_SERVICE_ACCOUNT_KEY_ID"] == "" {
		env["DT_SERVICE_ACCOUNT_KEY_ID"], env["DT_SERVICE_ACCOUNT_EMAIL"] = account.KeyID, account.Email
	}
	reference := account.Secret
	if value := env["DT_SERVICE_ACCOUNT_SECRET"]; isReference(value) {
		reference, env["DT_SERVICE_ACCOUNT_SECRET"] = value, ""
	}
	if env["DT_SERVICE_ACCOUNT_SECRET"] == "" && reference != "" {
		text, err := r.read(ctx, reference)
		if err != nil {
			return nil, fmt.Errorf("the service account's secret cannot be read from %s: %w", reference, err)
		}
		env["DT_SERVICE_ACCOUNT_SECRET"] = text.Reveal()
	}
	if env["DT_SERVICE_ACCOUNT_SECRET"] == "" || env["DT_SERVICE_ACCOUNT_KEY_ID"] == "" {
		return nil, errors.New("there is no service account")
	}
	s, _, err := settings.LoadAPI(env)
	if err != nil {
		return nil, err
	}
	return r.newClient(s)
}

// checkConnectors judges what DT has said of the connectors.
func (r *run) checkConnectors(ctx context.Context) {
	if r.apiWhy != "" {
		r.add(skipped(CheckConnector, r.apiWhy, "set DT_SERVICE_ACCOUNT_KEY_ID, DT_SERVICE_ACCOUNT_SECRET and DT_SERVICE_ACCOUNT_EMAIL (the role project.user is enough), and name the connectors by --connector"))
		return
	}
	if result, ok := r.noAPI(); ok {
		r.add(result)
		return
	}
	for i := range r.states {
		s := &r.states[i]
		if s.err != nil {
			r.add(Result{Check: CheckConnector, Subject: string(s.name), Status: Fail, Found: clean(s.err.Error()), Remedy: apiRemedy(s.err)})
			continue
		}
		for _, check := range []func(context.Context, *connectorState) (Result, bool){r.status, r.target, r.same, r.events, r.labels, r.headers, r.deliveries} {
			if result, ok := check(ctx, s); ok && ctx.Err() == nil {
				result.Subject = string(s.name)
				r.add(result)
			}
		}
	}
}

// noAPI is the result when no connector can be seen, for one reason that has nothing to
// do with the connectors: it is named once.
func (r *run) noAPI() (Result, bool) {
	for _, s := range r.states {
		if s.err == nil || errors.Is(s.err, dtapi.ErrInvalid) || errors.Is(s.err, dtapi.ErrNotFound) || errors.Is(s.err, dtapi.ErrForbidden) {
			return Result{}, false
		}
	}
	err := r.states[0].err
	return Result{Check: CheckConnector, Status: Fail, Found: "DT's API cannot be used: " + clean(err.Error()), Remedy: apiRemedy(err)}, true
}

func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

func apiRemedy(err error) string {
	switch {
	case errors.Is(err, dtapi.ErrInvalid):
		return "name it as projects/P/dataconnectors/C"
	case errors.Is(err, dtapi.ErrNotFound):
		return "make the connector (dtfn connector create), correct its name, or give the service account a role in its project"
	case errors.Is(err, dtapi.ErrForbidden):
		return "give the service account the role project.user in the connector's project"
	case errors.Is(err, dtapi.ErrUnauthenticated):
		return "see that key id, secret and email are of one service account, that the key exists still, and that this machine's clock is right"
	}
	return "see whether DT's API can be reached from here: DT_API_URL, DT_TOKEN_URL, proxy"
}

// status: does the connector forward anything?
func (r *run) status(_ context.Context, s *connectorState) (Result, bool) {
	result := Result{Check: CheckStatus, Status: OK, Found: string(s.Status)}
	wanted := r.Deployment.Wanted
	switch {
	case s.Status == dtapi.StatusActive:
	case s.Status == dtapi.StatusUserDisabled && wanted != nil && wanted.Status != nil && *wanted.Status == string(s.Status):
		result.Status, result.Found = Warn, string(s.Status)+", as the settings want it: it forwards nothing"
		result.Remedy = "set the status ACTIVE in the settings and apply, when events are wanted"
	case s.Status == dtapi.StatusSystemDisabled:
		result.Status, result.Found = Fail, string(s.Status)+": DT has disabled it after days of failures, and forwards nothing"
		result.Remedy = "remove the faults above, then: dtfn connector enable " + string(s.name) + ", and dtfn recover for what was missed"
	default:
		result.Status, result.Found = Fail, clean(string(s.Status))+": it forwards nothing"
		result.Remedy = "dtfn connector enable " + string(s.name) + ", and dtfn recover for what was missed"
	}
	return result, true
}

// target: does it post to the endpoint?
func (r *run) target(_ context.Context, s *connectorState) (Result, bool) {
	result := Result{Check: CheckURL, Status: OK, Found: "it posts to the endpoint"}
	switch {
	case s.HTTP == nil:
		result.Status, result.Found = Fail, "it is of type "+clean(s.Type)+", which posts nowhere"
		result.Remedy = "make a connector of type HTTP_PUSH: its type cannot be changed"
	case canonicalURL(s.HTTP.URL) == canonicalURL(r.Deployment.Endpoint):
	case !r.reached: // which of the two is wrong?
		result.Status, result.Found = Warn, "it posts to another URL, "+clean(dtapi.RedactURL(s.HTTP.URL))
		result.Remedy = "see first whether that one is the endpoint, and the one that was given here is wrong"
	default:
		result.Status, result.Found = Fail, "it posts to "+clean(dtapi.RedactURL(s.HTTP.URL))+", not to the endpoint"
		result.Remedy = "give it the endpoint's URL: in DT Studio, or by Terraform where the connector is made"
	}
	return result, true
}

// canonicalURL writes two URLs that mean the same alike.
func canonicalURL(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return text
	}
	u.Scheme, u.Host = strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	if host, port, err := net.SplitHostPort(u.Host); err == nil && (u.Scheme == "https" && port == "443" || u.Scheme == "http" && port == "80") {
		u.Host = host
	}
	if u.Path == "" {
		u.Path = "/"
	}
	return u.String()
}

// same: does it sign with a secret that the endpoint accepts?
func (r *run) same(ctx context.Context, s *connectorState) (Result, bool) {
	if s.HTTP == nil {
		return Result{}, false
	}
	result := Result{Check: CheckSame, Status: OK, Found: "it signs with the endpoint's secret"}
	const rotate = "give it the function's secret: dtfn connector rotate-secret, or run configure"
	theirs := s.HTTP.SignatureSecret
	switch {
	case theirs.IsZero() && r.Deployment.Settings["DT_ORGANIZATION_ID"] != "":
		result.Found = "it has none; DT's own signature is verified"
		return result, true
	case theirs.IsZero():
		result.Status, result.Found, result.Remedy = Fail, "it has no signature secret, so all that it sends is refused", rotate
		return result, true
	case r.secret.IsZero():
		return skipped(CheckSame, "the endpoint's secret is not known", ""), true
	case equal(theirs.Reveal(), r.secret.Reveal()):
		switch {
		case r.accepted == no:
			return skipped(CheckSame, "the endpoint does not accept the same secret: see the check secret", ""), true
		case r.accepted == unknown:
			result.Found = "it signs with the secret that was found; the endpoint could not be asked"
		}
		return result, true
	}
	if r.accepted == no {
		return skipped(CheckSame, "the endpoint accepts neither secret: see the check secret", ""), true
	}
	switch r.accepts(ctx, theirs) {
	case yes:
		result.Status, result.Found = Warn, "it signs with another secret, which the endpoint still accepts"
		result.Remedy = "finish the change of the secret: " + rotate
	case no:
		result.Status, result.Found, result.Remedy = Fail, "it signs with another secret than the endpoint's: all that it sends is refused", rotate
	default:
		result.Status, result.Found = Warn, "it signs with another secret than the one that was found, and the endpoint could not be asked"
		result.Remedy = "if what was found is the endpoint's: " + rotate
	}
	return result, true
}

// events: are the types forwarded that are wanted?
func (r *run) events(_ context.Context, s *connectorState) (Result, bool) {
	result := Result{Check: CheckEvents, Status: OK, Found: "it forwards what is wanted"}
	const apply = "dtfn configure, or dtfn connector apply"
	if wanted := r.Deployment.Wanted; wanted != nil && wanted.Events != nil {
		if missing, more := difference(*wanted.Events, s.Events); len(missing)+len(more) > 0 {
			if len(*wanted.Events) == 0 || len(s.Events) == 0 { // empty means all
				missing, more = nil, nil
			}
			result.Status = Fail
			result.Found = "it forwards " + all(s.Events) + "; wanted are " + all(*wanted.Events) + changes(missing, more)
			result.Remedy = apply
			return result, true
		}
	}
	if filtered := list(r.Deployment.Settings["DT_EVENT_TYPES"]); len(filtered) > 0 && len(s.Events) > 0 {
		if missing, _ := difference(filtered, s.Events); len(missing) > 0 {
			result.Status = Fail
			result.Found = "it does not forward " + names(missing) + ", which DT_EVENT_TYPES wants"
			result.Remedy = "add the types to the connector's events (" + apply + "), or take them out of DT_EVENT_TYPES"
		}
	}
	return result, true
}

// labels: are the labels sent that are wanted, and those that receive's settings need?
func (r *run) labels(_ context.Context, s *connectorState) (Result, bool) {
	result := Result{Check: CheckLabels, Status: OK, Found: "it sends the labels that are needed"}
	needed := neededLabels(r.Deployment.Settings)
	if missing, _ := difference(needed, s.Labels); len(missing) > 0 {
		result.Status = Fail
		result.Found = "it does not send the label " + names(missing) + ", which DT_LABEL_SELECTOR or DT_LABELS goes by: receive takes all devices for ones without it"
		result.Remedy = "add it to the connector's labels: dtfn configure, or dtfn connector apply"
		return result, true
	}
	if wanted := r.Deployment.Wanted; wanted != nil && wanted.Labels != nil {
		if missing, more := difference(*wanted.Labels, s.Labels); len(missing)+len(more) > 0 {
			result.Status = Fail
			result.Found = "its labels are not those that are wanted" + changes(missing, more)
			result.Remedy = "dtfn configure, or dtfn connector apply"
		}
	}
	return result, true
}

// neededLabels are the keys that receive's settings go by.
func neededLabels(s map[string]string) []string {
	var needed []string
	if selector, err := label.ParseSelector(s["DT_LABEL_SELECTOR"]); err == nil {
		needed, _ = wishes(selector)
	}
	if _, err := label.ParseSelect(s["DT_LABELS"]); err == nil {
		needed = append(needed, selectedKeys(s["DT_LABELS"])...)
	}
	slices.Sort(needed)
	return slices.Compact(needed)
}

// headers: are the headers sent that are wanted? Their values are not shown.
func (r *run) headers(_ context.Context, s *connectorState) (Result, bool) {
	wanted := r.Deployment.Wanted
	if s.HTTP == nil || wanted == nil || len(wanted.HTTPConfig.Headers) == 0 {
		return Result{}, false
	}
	result := Result{Check: CheckHeaders, Status: OK, Found: "it sends the headers that are wanted"}
	has := make(map[string]string)
	for name, value := range s.HTTP.Headers {
		has[strings.ToLower(name)] = value.Reveal()
	}
	var wrong []string
	for name, value := range wanted.HTTPConfig.Headers {
		if is, ok := has[strings.ToLower(name)]; !ok || !equal(is, value) {
			wrong = append(wrong, name)
		}
	}
	if len(wrong) > 0 {
		slices.Sort(wrong)
		result.Status, result.Found = Fail, "the header "+names(wrong)+" is not sent, or with another value than the one that is wanted"
		result.Remedy = "dtfn configure, or dtfn connector apply"
	}
	return result, true
}

// deliveries: what became of the last hours' events?
func (r *run) deliveries(_ context.Context, s *connectorState) (Result, bool) {
	result := Result{Check: CheckDeliveries, Status: OK}
	m := s.metrics
	switch {
	case s.metricsErr != nil:
		result.Status, result.Found, result.Remedy = Warn, "not looked at: "+clean(s.metricsErr.Error()), apiRemedy(s.metricsErr)
	case m.ErrorCount > 0 && m.SuccessCount == 0 && r.explained():
		result.Status, result.Found = Warn, fmt.Sprintf("none of %d deliveries in the last 3 hours succeeded", m.ErrorCount)
		result.Remedy = "remove the faults above; DT repeats what failed for 12 hours"
	case m.ErrorCount > 0 && m.SuccessCount == 0:
		result.Status, result.Found = Fail, fmt.Sprintf("none of %d deliveries in the last 3 hours succeeded, though events from here are accepted", m.ErrorCount)
		result.Remedy = "if a fault was removed just now, wait until DT tries again; otherwise see what lets this machine in and DT not: a firewall, or a certificate that only this machine trusts"
	case m.ErrorCount > 0:
		result.Status, result.Found = Warn, fmt.Sprintf("%d of %d deliveries in the last 3 hours failed", m.ErrorCount, m.ErrorCount+m.SuccessCount)
		result.Remedy = "read the function's log for the times before now; what failed is repeated for 12 hours"
	case m.SuccessCount == 0:
		result.Found = "no delivery in the last 3 hours, and no error"
	case m.Latency99p > slowAnswer:
		result.Status, result.Found = Warn, fmt.Sprintf("%d deliveries in the last 3 hours, no error, but answers take up to %.1f s (99 %%); DT waits %.0f s", m.SuccessCount, m.Latency99p.Seconds(), answerTime.Seconds())
		result.Remedy = "give the function more memory, keep an instance warm, or see how slow the sink is"
	default:
		result.Found = fmt.Sprintf("%d deliveries in the last 3 hours, no error", m.SuccessCount)
	}
	return result, true
}

// explained tells whether a fault was found that keeps deliveries from succeeding.
func (r *run) explained() bool {
	return r.failed(CheckEndpoint, CheckSecret, CheckClock, CheckEvent, CheckStatus, CheckURL, CheckSame)
}

// difference returns what is wanted and missing, and what is there and not wanted.
func difference(wanted, is []string) (missing, more []string) {
	for _, name := range wanted {
		if !slices.Contains(is, name) {
			missing = append(missing, name)
		}
	}
	for _, name := range is {
		if !slices.Contains(wanted, name) {
			more = append(more, name)
		}
	}
	return missing, more
}

func changes(missing, more []string) string {
	var text string
	if len(missing) > 0 {
		text += "; missing: " + names(missing)
	}
	if len(more) > 0 {
		text += "; too many: " + names(more)
	}
	return text
}

func all(types []string) string {
	if len(types) == 0 {
		return "all types"
	}
	return names(types)
}

func names(list []string) string { return clean(strings.Join(list, ", ")) }
