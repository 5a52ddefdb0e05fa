package doctor

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/dt-functions/dt-functions/shared/event"
	"github.com/dt-functions/dt-functions/shared/secret"
	"github.com/dt-functions/dt-functions/shared/signature"
)

// acceptance is an answer that may be missing.
type acceptance int

const (
	unknown acceptance = iota
	yes
	no
)

// What receive says of a probe. The signature is verified first, then the expiry, then
// the time of issue.
const (
	reasonSecret  = "signature-wrong"
	reasonExpired = "token-expired"
	reasonEarly   = "token-not-yet-valid"
)

// probe asks the endpoint two things without an event going through: whether it accepts
// what is signed with key, and whether its clock has passed limit.
//
// The token is refused at any time: it is issued a day after it has expired. Which of
// the two the answer complains of shows on which side of the expiry the clock is.
func (r *run) probe(ctx context.Context, key secret.Text, limit time.Time) (accepted, passed acceptance) {
	body := r.stranger()
	expires := limit.Add(-signature.Leeway)
	token, err := r.neverValid(key, body, expires)
	if err != nil {
		return unknown, unknown
	}
	switch e := r.post(ctx, body, token); {
	case e.err != nil || e.status != http.StatusUnauthorized:
		return unknown, unknown
	case e.answer.Reason == reasonSecret:
		return no, unknown
	case e.answer.Reason == reasonExpired:
		return yes, yes
	case e.answer.Reason == reasonEarly:
		return yes, no
	}
	return unknown, unknown
}

// neverValid returns a token for body that was issued a day after it has expired.
func (r *run) neverValid(key secret.Text, body []byte, expires time.Time) (string, error) {
	id, err := event.NewID(expires, r.Random)
	if err != nil {
		return "", err
	}
	legacy, sum := sha1.Sum(body), sha256.Sum256(body)
	return jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"iat": expires.Add(24 * time.Hour).Unix(), "exp": expires.Unix(), "jti": id,
		"checksum": hex.EncodeToString(legacy[:]), "checksum_sha256": hex.EncodeToString(sum[:]),
	}).SignedString([]byte(key.Reveal()))
}

// accepts tells whether the endpoint accepts what is signed with key.
func (r *run) accepts(ctx context.Context, key secret.Text) acceptance {
	if !r.reached || r.open {
		return unknown
	}
	accepted, _ := r.probe(ctx, key, r.signNow())
	return accepted
}

// functionClock asks the function itself how far its clock is ahead of this machine's,
// to 15 seconds. near is where it should be. ok is false where it does not tell.
func (r *run) functionClock(ctx context.Context, near time.Duration) (ahead time.Duration, ok bool) {
	passed := func(d time.Duration) acceptance {
		_, is := r.probe(ctx, r.secret, r.Now().Add(d))
		return is
	}
	least, most := near-clockDoubt, near+clockDoubt
	after := passed(most)
	switch {
	case after == unknown || r.behind == unknown:
		return 0, false
	case after == no && r.behind == no:
		return near, true
	}
	// Steps that double find the other side, up to a month away.
	const exact, farthest = 15 * time.Second, 31 * 24 * time.Hour
	for step := clockDoubt; ; step *= 2 {
		if step > farthest {
			return 0, false
		}
		if after == yes {
			if least, most = most, most+step; passed(most) != yes {
				break
			}
		} else if least, most = least-step, least; passed(least) == yes {
			break
		}
	}
	for most-least > exact {
		middle := least + (most-least)/2
		switch passed(middle) {
		case yes:
			least = middle
		case no:
			most = middle
		default:
			return 0, false
		}
	}
	return least + (most-least)/2, true
}
