package dtcloud

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"time"
)

// maxAnswer is how much of an answer is read, in bytes, so that the connection can
// be used again. DT has no use for what it says.
const maxAnswer = 64 << 10

// A job is one attempt to deliver an entry, with all it needs.
type job struct {
	connector string
	target    *target
	entry     *entry
	number    int // 1 for the first attempt
	time      time.Time
	fate      fate
	luck      *rand.Rand // this attempt's own
}

// An outcome is what came of a job.
type outcome struct {
	status      int // 0 if there was no answer
	err         error
	latency     time.Duration
	dropped     bool // the answer came, and a fault threw it away
	interrupted bool // Run ended
}

// acknowledged tells whether the event is done with: DT takes any 2xx (Best
// Practices).
func (o outcome) acknowledged() bool {
	return !o.dropped && o.status >= 200 && o.status < 300
}

// succeeded tells whether the attempt counts as a success of the connector, for
// which DT wants exactly 200 (Configuring a Data Connector).
func (o outcome) succeeded() bool { return !o.dropped && o.status == http.StatusOK }

// deliver makes one attempt.
func (c *Cloud) deliver(ctx context.Context, j *job) outcome {
	began := time.Now()
	status, err := c.post(ctx, j)
	o := outcome{status: status, err: err, latency: time.Since(began)}
	o.interrupted = err != nil && ctx.Err() != nil
	if o.acknowledged() && j.fate.dropAnswer {
		o.dropped = true
	}
	return o
}

// post signs and sends the event and returns the status of the answer.
func (c *Cloud) post(ctx context.Context, j *job) (status int, err error) {
	body := j.entry.record.appendForwarded(make([]byte, 0, j.entry.record.forwardedSize()), j.entry.labels)
	headers := j.target.headers.Clone()
	if err := c.sign(headers, j.target, body); err != nil {
		return 0, err
	}
	if j.fate.corruptSignature {
		corruptSignatures(headers)
	}
	if j.fate.corruptBody {
		corrupt(body, j.luck)
	}
	ctx, cancel := context.WithTimeout(ctx, c.config.AnswerTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, j.target.url, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	request.Header = headers
	// The transport rather than a client: redirects are not followed.
	response, err := c.config.Transport.RoundTrip(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	if _, err := io.CopyN(io.Discard, response.Body, maxAnswer); err != nil && err != io.EOF {
		return 0, err // an answer that breaks off is none
	}
	return response.StatusCode, nil
}

// sign sets the signature headers. It is done for every attempt anew: tokens are
// valid for an hour, retries go on for twelve.
func (c *Cloud) sign(headers http.Header, t *target, body []byte) error {
	if t.symmetric != nil {
		if err := t.symmetric.SignHeader(headers, body); err != nil {
			return err
		}
	}
	if c.keys != nil {
		return c.keys.signer().SignHeader(headers, body)
	}
	return nil
}
