package doctor

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/dt-functions/dt-functions/shared/dtapi"
	"github.com/dt-functions/dt-functions/shared/signature"
)

// certificateDays is how many days a certificate should be good for at least.
const certificateDays = 14

// checkEndpoint posts an unsigned event: it shows whether the endpoint is there, its
// certificate, and whether it refuses what is not signed.
func (r *run) checkEndpoint(ctx context.Context) {
	if fault, remedy := checkURL(r.Deployment.Endpoint); fault != "" {
		r.add(Result{Check: CheckEndpoint, Subject: dtapi.RedactURL(r.Deployment.Endpoint), Status: Fail, Found: fault, Remedy: remedy})
		r.add(skipped(CheckUnsigned, unreached, ""))
		return
	}
	e := r.post(ctx, r.stranger(), "")
	if ctx.Err() != nil {
		return
	}
	result := Result{Check: CheckEndpoint, Subject: dtapi.RedactURL(r.Deployment.Endpoint)}
	switch fault, remedy := r.unreachable(e); {
	case fault != "":
		result.Status, result.Found, result.Remedy = Fail, fault, remedy
	case e.took > slowAnswer:
		r.reached = true
		result.Status, result.Found = Warn, fmt.Sprintf("answers after %.1f s; DT waits %.0f s", e.took.Seconds(), answerTime.Seconds())
		result.Remedy = "run dtfn doctor again: if it was the cold start of a function, the next answer is fast; if not, give the function more memory or keep one instance warm"
	default:
		r.reached = true
		result.Status, result.Found = OK, "answers within "+seconds(e.took)
	}
	r.add(result)
	if e.tls != nil {
		r.add(r.certificate(e.tls))
	}
	if !r.reached {
		r.add(skipped(CheckUnsigned, unreached, ""))
		return
	}
	r.probes = append(r.probes, e)
	r.open = e.success()
	r.add(r.refusal(CheckUnsigned, e, "an unsigned event"))
}

// unreached is why other checks are not made without an endpoint.
const unreached = "the endpoint does not answer as it should"

// checkForged posts an event that is signed with a secret that nobody has.
func (r *run) checkForged(ctx context.Context) {
	if !r.reached {
		r.add(skipped(CheckForged, unreached, ""))
		return
	}
	wrong := make([]byte, 32)
	if _, err := io.ReadFull(r.Random, wrong); err != nil {
		r.add(skipped(CheckForged, err.Error(), ""))
		return
	}
	signer, err := signature.NewSigner(wrong, signature.WithSignerClock(r.Now), signature.WithSignerRandom(r.Random))
	if err != nil {
		r.add(skipped(CheckForged, err.Error(), ""))
		return
	}
	body := r.stranger()
	token, err := signer.Sign(body)
	if err != nil {
		r.add(skipped(CheckForged, err.Error(), ""))
		return
	}
	e := r.post(ctx, body, token)
	if ctx.Err() != nil {
		return
	}
	if fault, remedy := r.unreachable(e); fault != "" {
		r.add(Result{Check: CheckForged, Status: Fail, Found: fault, Remedy: remedy})
		return
	}
	r.probes = append(r.probes, e)
	r.add(r.refusal(CheckForged, e, "an event with a wrong signature"))
	r.open = r.open || e.success()
}

// stranger returns an event that must not be let in.
func (r *run) stranger() []byte {
	s := r.synthesize(nil)
	_, body, err := s.Body(r.Now(), r.Random)
	if err != nil {
		return []byte("{}")
	}
	return body
}

// refusal judges the answer to an event that must be refused.
func (r *run) refusal(check string, e exchange, what string) Result {
	result := Result{Check: check, Status: OK, Found: fmt.Sprintf("%s is refused with 401 (%s)", what, e.says())}
	switch {
	case e.success() && r.open && check != CheckUnsigned:
		result.Status, result.Found = Fail, fmt.Sprintf("%s is accepted with %d, too", what, e.status)
		result.Remedy = "as for the unsigned one"
	case e.success():
		result.Status = Fail
		result.Found = fmt.Sprintf("%s is accepted with %d: whoever knows the URL can put forged events among yours", what, e.status)
		result.Remedy = "take the endpoint off the network now; see that the URL leads to receive, not to the queue or to another function, and that DT_SIGNATURE_SECRET or DT_ORGANIZATION_ID is set there"
	}
	return result
}

// checkURL says what is wrong with an endpoint's URL as such; "" for nothing.
func checkURL(text string) (fault, remedy string) {
	u, err := url.Parse(text)
	switch {
	case text == "":
		return "there is no endpoint", "give --endpoint, or pipe `terraform output -json` of the module in"
	case err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http":
		return "it is not an https URL", "give the endpoint as https://host/path"
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return "it is http: events and their signatures can be read and replayed on the way", "give the https URL; http is for this machine alone"
	}
	return "", ""
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// unreachable says why receive does not answer; "" when it may be what does.
func (r *run) unreachable(e exchange) (fault, remedy string) {
	const path = "it is the wrong URL: take the output endpoint of the Terraform module, with its path"
	if e.err != nil {
		return transportFault(e.err, r.Now())
	}
	switch code := e.status; {
	case code == http.StatusNotFound && e.answer.Outcome == "bad-path":
		return "404: receive is there, but under another path", path
	case code == http.StatusNotFound:
		return "404: nothing is served at this URL", path + hidden(r.Deployment.Cloud)
	case code == http.StatusMethodNotAllowed:
		return "405: what is served at this URL takes no POST", path
	case code == http.StatusForbidden:
		return "403: the platform refuses the request before receive has it", permission(r.Deployment.Cloud)
	case code == http.StatusTooManyRequests:
		return "429: the platform throttles the endpoint", "raise the limit of requests or of concurrent instances; DT repeats what was refused for 12 hours"
	case code >= 300 && code < 400:
		return fmt.Sprintf("%d: it redirects, and events are lost behind a redirect", code), "give the connector the address that it redirects to, in full and with https"
	case code >= 500 && e.answer.Outcome == "":
		return fmt.Sprintf("%d: the platform could not run the function", code), "read the function's log: a wrong setting or an unreadable secret stops its start, with the reason in one line"
	case code >= 500:
		return fmt.Sprintf("%d (%s): receive cannot do its work", code, e.says()), "read the function's log"
	case code == http.StatusUnauthorized && e.answer.Outcome == "":
		return "401, but not of receive: something before it asks for credentials of its own", permission(r.Deployment.Cloud)
	case code != http.StatusUnauthorized && !e.success():
		return fmt.Sprintf("%d (%s): that is not what receive answers", code, e.says()), path
	}
	return "", ""
}

// hidden says what else makes a platform answer 404.
func hidden(cloud string) string {
	switch cloud {
	case "gcp":
		return "; Cloud Run answers so too while ingress is not \"all\""
	case "azure":
		return "; Functions answers so too until the package is deployed and its functions are loaded"
	}
	return ""
}

// permission is the remedy for a platform's refusal.
func permission(cloud string) string {
	everybody := "let everybody call the function, since DT has no other credentials than its signature: "
	switch cloud {
	case "aws":
		return everybody + "authorization NONE on the route or function URL, and of a function URL lambda:InvokeFunctionUrl and lambda:InvokeFunction for *; and see the web ACL, if there is one"
	case "gcp":
		return everybody + "roles/run.invoker for allUsers on the Cloud Run service (an organization policy may forbid that), and ingress \"all\""
	case "azure":
		return everybody + "authLevel anonymous, no App Service authentication, no access restriction that leaves DT out"
	case "ibm":
		return everybody + "visibility public of the Code Engine app, and no context-based restriction that leaves DT out"
	}
	return everybody + "see the platform's access rules, firewall and proxy"
}

// certificate says how long the endpoint's certificate is good for.
func (r *run) certificate(state *tls.ConnectionState) Result {
	if len(state.PeerCertificates) == 0 {
		return Result{Check: CheckCertificate, Status: Warn, Found: "none was shown"}
	}
	until := state.PeerCertificates[0].NotAfter
	for _, c := range state.PeerCertificates[1:] {
		if c.NotAfter.Before(until) {
			until = c.NotAfter
		}
	}
	days := int(until.Sub(r.Now()).Hours() / 24)
	result := Result{Check: CheckCertificate, Status: OK, Found: fmt.Sprintf("valid for %d days more, until %s", days, day(until))}
	if days < certificateDays {
		result.Status, result.Remedy = Warn, "renew it, or see why it is not renewed by itself"
	}
	return result
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

func seconds(d time.Duration) string {
	if d < time.Second {
		return "a second"
	}
	return fmt.Sprintf("%.0f s", d.Seconds()+0.5)
}
