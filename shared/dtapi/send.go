package dtapi

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/dt-functions/dt-functions/shared/secret"
)

// attemptTimeout bounds one request, its answer included. DT's page of 1,000 events
// takes some seconds; the clients of DT wait 3 to 20.
const attemptTimeout = 30 * time.Second

// inDoubtRemedy is what to do about a request that must not be done twice.
const inDoubtRemedy = "whether it was done is not known: look before repeating it"

// A sender sends one request once.
type sender struct {
	client    *http.Client
	userAgent string
	now       func() time.Time
	observe   func(Call)
}

// send sends r to address and returns what was answered. idle is when the call last
// did something, so that it is known how long it was held back. The error is an
// *Error, or that of ctx.
func (s sender) send(ctx context.Context, r *request, attempt int, idle time.Time, address string, credential secret.Text) ([]byte, error) {
	start := time.Now()
	call := Call{Method: r.method, Path: r.path, Attempt: attempt, Wait: start.Sub(idle)}
	body, err := s.exchange(ctx, r, &call, address, credential)
	call.Took, call.Err = time.Since(start), err
	s.observe(call)
	return body, err
}

func (s sender) exchange(ctx context.Context, r *request, call *Call, address string, credential secret.Text) ([]byte, error) {
	timed, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	httpRequest, err := s.request(timed, r, address, credential)
	if err != nil {
		// The address comes of parts that were checked.
		return nil, fmt.Errorf("dtapi: %s %s: the request cannot be made", r.method, r.path)
	}
	response, err := s.client.Do(httpRequest)
	if err != nil {
		return nil, r.lost(ctx, timed, err)
	}
	defer response.Body.Close()
	conceal := newConcealer(append([]secret.Text{credential}, r.secrets...))
	call.Status, call.RequestID = response.StatusCode, conceal.line(requestID(response.Header), maxID)
	if response.StatusCode < 200 || response.StatusCode > 299 {
		// Whatever can be read of it: the status says the most.
		answer, _ := readAll(response, maxErrorAnswer)
		e := r.statusError(response, answer, conceal)
		e.repeatable = r.mayRepeat(e.Status)
		e.retryAfter = parseRetryAfter(response.Header, s.now())
		return nil, e
	}
	answer, err := readAll(response, r.answerLimit())
	if errors.Is(err, errTooLong) {
		e := r.malformed(err)
		e.Status = response.StatusCode
		return nil, e
	}
	if err != nil {
		return nil, r.lost(ctx, timed, err)
	}
	return answer, nil
}

func (s sender) request(ctx context.Context, r *request, address string, credential secret.Text) (*http.Request, error) {
	var body io.Reader
	if r.body != nil {
		body = bytes.NewReader(r.body)
	}
	httpRequest, err := http.NewRequestWithContext(ctx, r.method, address, body)
	if err != nil {
		return nil, err
	}
	httpRequest.Header.Set("Accept", "application/json")
	httpRequest.Header.Set("User-Agent", s.userAgent)
	if !credential.IsZero() {
		httpRequest.Header.Set("Authorization", credential.Reveal())
	}
	if r.body != nil {
		httpRequest.Header.Set("Content-Type", r.content)
	}
	return httpRequest, nil
}

var errTooLong = errors.New("too long")

// readAll reads the answer, at most limit bytes of it. What follows those is read
// too, as long as it is little: only then can the connection be used again.
func readAll(response *http.Response, limit int64) ([]byte, error) {
	var b bytes.Buffer
	if n := response.ContentLength; n > 0 && n <= limit {
		b.Grow(int(n) + bytes.MinRead)
	}
	if _, err := b.ReadFrom(io.LimitReader(response.Body, limit)); err != nil {
		return b.Bytes(), err
	}
	rest, err := io.CopyN(io.Discard, response.Body, maxErrorAnswer)
	if rest > 0 {
		return b.Bytes(), fmt.Errorf("%w: more than %d bytes", errTooLong, limit)
	}
	if !errors.Is(err, io.EOF) {
		return b.Bytes(), err
	}
	return b.Bytes(), nil
}

func (r *request) answerLimit() int64 {
	if r.limit == 0 {
		return maxAnswer
	}
	return r.limit
}

// lost returns the error of a request that got no answer, or none to its end. ctx is
// the caller's, timed that of this one request.
func (r *request) lost(ctx, timed context.Context, err error) error {
	unknown := r.repeat == repeatUnsent && !neverSent(err)
	if ctx.Err() != nil {
		err := r.stopped(context.Cause(ctx))
		if unknown {
			err = fmt.Errorf("%w; %s", err, inDoubtRemedy)
		}
		return err
	}
	e := r.newError()
	e.kind, e.cause = ErrUnavailable, err
	// The URL is in Path already, and has page tokens in it.
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		e.cause = wrapped.Err
	}
	e.Message = "no answer: " + oneLine(e.cause.Error(), maxMessage)
	if timed.Err() != nil {
		e.Message = fmt.Sprintf("no answer within %v", attemptTimeout)
	}
	if errors.Is(e.cause, context.DeadlineExceeded) {
		// As network timeouts say of themselves: not the caller's deadline, though.
		e.cause = nil
	}
	e.repeatable = !hopeless(err) && !unknown
	e.remedy = "check that this machine can reach it, and " + r.addressVariable
	if unknown {
		e.remedy = inDoubtRemedy
	}
	return e
}

// stopped returns the error of a request that the caller's context ended.
func (r *request) stopped(err error) error {
	return fmt.Errorf("dtapi: %s %s: %w", r.method, r.path, err)
}

// malformed returns the error of an answer that cannot be understood.
func (r *request) malformed(err error) *Error {
	e := r.newError()
	e.kind, e.Message = ErrMalformed, "answer not understood: "+oneLine(err.Error(), maxMessage)
	e.remedy = "check that " + r.addressVariable + " is DT's address"
	return e
}

// neverSent reports whether a failed request is known not to have reached DT: no
// connection came about. Whatever fails on a connection may have got through.
func neverSent(err error) bool {
	var dial *net.OpError
	return errors.As(err, &dial) && (dial.Op == "dial" || dial.Op == "proxyconnect") || hopeless(err)
}

// hopeless reports whether err will come again however often the request is
// repeated.
func hopeless(err error) bool {
	var (
		certificate *tls.CertificateVerificationError
		noTLS       tls.RecordHeaderError
		name        *net.DNSError
	)
	return errors.As(err, &certificate) || errors.As(err, &noTLS) || errors.As(err, &name) && name.IsNotFound
}
