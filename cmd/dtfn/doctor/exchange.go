package doctor

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"github.com/dt-functions/dt-functions/shared/signature"
)

// answerTime is how long DT waits for an answer (Best Practices), slowAnswer how long
// an answer may take before it is worth a warning.
const (
	answerTime = 10 * time.Second
	slowAnswer = 5 * time.Second
)

// An exchange is a request to the endpoint and its answer.
type exchange struct {
	status int
	header http.Header
	answer answer
	tls    *tls.ConnectionState
	took   time.Duration
	// ahead is how far the sender's clock is ahead of this machine's by the header
	// Date; dated is false where there is none.
	ahead time.Duration
	dated bool
	err   error // no answer came
}

// An answer is what receive says. All is empty when something else answered.
type answer struct {
	Outcome string `json:"outcome"`
	Reason  string `json:"reason"`
}

// post sends body to the endpoint as a Data Connector does, signed with token unless
// that is "".
func (r *run) post(ctx context.Context, body []byte, token string) exchange {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, r.Deployment.Endpoint, bytes.NewReader(body))
	if err != nil {
		return exchange{err: err}
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "dtfn-doctor")
	if token != "" {
		request.Header.Set(signature.HeaderSymmetric, token)
	}
	return r.exchange(request)
}

func (r *run) exchange(request *http.Request) exchange {
	var e exchange
	start, sent := time.Now(), r.Now()
	response, err := r.http.Do(request)
	e.took = time.Since(start)
	if err != nil {
		e.err = err
		return e
	}
	defer response.Body.Close()
	e.status, e.header, e.tls = response.StatusCode, response.Header, response.TLS
	if date, err := http.ParseTime(response.Header.Get("Date")); err == nil {
		// It was written between sending and now, and has whole seconds only.
		e.ahead, e.dated = date.Add(time.Second/2).Sub(sent.Add(e.took/2)), true
	}
	const longest = 64 << 10
	body, err := io.ReadAll(io.LimitReader(response.Body, longest))
	e.took = time.Since(start)
	if err != nil {
		e.err = err
		return e
	}
	// What is no JSON is not receive's.
	_ = json.Unmarshal(body, &e.answer)
	return e
}

// success tells whether the answer acknowledges the event: DT takes any 2xx for that.
func (e exchange) success() bool { return e.err == nil && e.status >= 200 && e.status < 300 }

// says returns status and reason for people.
func (e exchange) says() string {
	text := http.StatusText(e.status)
	if e.answer.Reason != "" {
		text = e.answer.Reason
	} else if e.answer.Outcome != "" {
		text = e.answer.Outcome
	}
	return clean(text)
}

// clean cuts a text of another party to what can be shown on a line. It is long enough
// for what errors of this program's packages say to do, which may be a command.
func clean(text string) string {
	const longest = 500
	out := make([]rune, 0, len(text))
	for _, c := range text {
		if c < ' ' || c == 0x7f || c >= 0x80 && c < 0xa0 {
			c = ' '
		}
		if out = append(out, c); len(out) == longest {
			return string(out) + "…"
		}
	}
	return string(out)
}
