package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/dt-functions/dt-functions/functions/receive"
	"github.com/dt-functions/dt-functions/shared/event"
	"github.com/dt-functions/dt-functions/shared/filter"
	"github.com/dt-functions/dt-functions/shared/handling"
	"github.com/dt-functions/dt-functions/shared/label"
	"github.com/dt-functions/dt-functions/shared/signature"
	"github.com/dt-functions/dt-functions/shared/sink"
)

const (
	secret       = "a-secret-of-a-common-length-1234"
	organization = "cvinmt9aq9sc738g6eog"
	keyID        = "k1"
)

// body is a temperature event of an ordinary length, as DT sends it.
const body = `{"event":{"eventId":"c82gg9catj3vmh4248og","targetName":"projects/c14u9p094l47cdv1o3pg/devices/emuc17m6d7lq0bgk44smcqg","eventType":"temperature","data":{"temperature":{"value":24.9,"isBackfilled":false,"samples":[{"value":24.9,"sampleTime":"2024-05-29T08:15:18.318751Z"},{"value":24.85,"sampleTime":"2024-05-29T08:10:18.318751Z"}],"updateTime":"2024-05-29T08:15:18.318751Z"}},"timestamp":"2024-05-29T08:15:18.318751Z"},"labels":{"name":"Fridge 3","floor":"2","customer-ID":"4711"},"metadata":{"deviceId":"emuc17m6d7lq0bgk44smcqg","projectId":"c14u9p094l47cdv1o3pg","deviceType":"temperature","productNumber":"102058"}}`

// A request is the signed event, and what is needed to check it by hand.
type request struct {
	receive.Request
	token, signed string
	mac           []byte
}

// An asymmetric request is the event signed with a key of the issuer.
type asymmetricRequest struct {
	receive.Request
	key    *ecdsa.PrivateKey
	digest [sha256.Size]byte
	r, s   []byte
}

// nothing is a sink that does nothing.
type nothing struct{}

func (nothing) Publish(context.Context, []sink.Message) (sink.Result, error) {
	return sink.Result{}, nil
}
func (nothing) Close() error { return nil }

func newRequest(signer *signature.Signer, header string) (receive.Request, string, error) {
	token, err := signer.Sign([]byte(body))
	if err != nil {
		return receive.Request{}, "", err
	}
	return receive.Request{
		Method: "POST", Path: "/",
		Header: map[string][]string{
			header: {token}, "Content-Type": {"application/json"}, "User-Agent": {"DT"}, "Accept-Encoding": {"gzip"},
		},
		Body: []byte(body),
	}, token, nil
}

func symmetricRequest() (request, error) {
	signer, err := signature.NewSigner([]byte(secret))
	if err != nil {
		return request{}, err
	}
	r, token, err := newRequest(signer, signature.HeaderSymmetric)
	if err != nil {
		return request{}, err
	}
	signed := token[:strings.LastIndexByte(token, '.')]
	mac, err := jwt.NewParser().DecodeSegment(token[len(signed)+1:])
	return request{r, token, signed, mac}, err
}

func newAsymmetricRequest() (asymmetricRequest, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return asymmetricRequest{}, err
	}
	signer, err := signature.NewAsymmetricSigner(key, keyID, signature.DefaultIssuer, organization)
	if err != nil {
		return asymmetricRequest{}, err
	}
	r, token, err := newRequest(signer, signature.HeaderAsymmetric)
	if err != nil {
		return asymmetricRequest{}, err
	}
	signed := token[:strings.LastIndexByte(token, '.')]
	sig, err := jwt.NewParser().DecodeSegment(token[len(signed)+1:])
	if err != nil {
		return asymmetricRequest{}, err
	}
	return asymmetricRequest{r, key, sha256.Sum256([]byte(signed)), sig[:32], sig[32:]}, nil
}

// newFunction returns receive with a filter and label rules that do something.
func newFunction(c signature.Config, s sink.Sink) (*receive.Function, error) {
	verifier, err := signature.NewVerifier(c)
	if err != nil {
		return nil, err
	}
	selector, err := label.ParseSelector(`floor in (1,2), !test`)
	if err != nil {
		return nil, err
	}
	wanted, err := filter.New(filter.Config{EventTypes: []string{event.TypeTouch, event.TypeTemperature}, Selector: selector})
	if err != nil {
		return nil, err
	}
	names, err := label.ParseSelect("name,customer-ID=customer,site")
	if err != nil {
		return nil, err
	}
	defaults, err := label.ParseDefaults("site=Oslo")
	if err != nil {
		return nil, err
	}
	rules, err := label.NewRules(names, defaults)
	if err != nil {
		return nil, err
	}
	return receive.New(receive.Config{Verifier: verifier, Handler: handling.Handler{Filter: wanted, Labels: rules, Sink: s}})
}

// pipelineCases returns what is compared, by name.
func pipelineCases() (map[string]func(b *testing.B), error) {
	hs, err := symmetricRequest()
	if err != nil {
		return nil, err
	}
	es, err := newAsymmetricRequest()
	if err != nil {
		return nil, err
	}
	symmetric, err := newFunction(signature.Config{Secrets: signature.StaticSecrets(secret)}, nothing{})
	if err != nil {
		return nil, err
	}
	asymmetric, err := newFunction(signature.Config{Organization: organization, Keys: signature.Keys{keyID: &es.key.PublicKey}}, nothing{})
	if err != nil {
		return nil, err
	}
	r, s := bigInt(es.r), bigInt(es.s)
	return map[string]func(b *testing.B){
		"floor": func(b *testing.B) {
			for b.Loop() {
				m := hmac.New(sha256.New, []byte(secret))
				m.Write([]byte(hs.signed))
				sum := sha256.Sum256(hs.Body)
				if !hmac.Equal(m.Sum(nil), hs.mac) || sum == [sha256.Size]byte{} {
					b.Fatal("wrong MAC")
				}
			}
		},
		"plain": func(b *testing.B) {
			for b.Loop() {
				if _, err := plainly(hs.token, hs.Body); err != nil {
					b.Fatal(err)
				}
			}
		},
		"hs256": func(b *testing.B) { handle(b, symmetric, hs.Request) },
		"es256": func(b *testing.B) { handle(b, asymmetric, es.Request) },
		"ecdsa": func(b *testing.B) {
			for b.Loop() {
				if !ecdsa.Verify(&es.key.PublicKey, es.digest[:], r, s) {
					b.Fatal("wrong signature")
				}
			}
		},
	}, nil
}

func handle(b *testing.B, f *receive.Function, r receive.Request) {
	ctx := context.Background()
	for b.Loop() {
		if answer := f.Handle(ctx, r); answer.Outcome != receive.Accepted {
			b.Fatal(answer.Outcome, answer.Reason)
		}
	}
}

// plainBody is the body as one would declare it for encoding/json.
type plainBody struct {
	Event struct {
		EventID    string         `json:"eventId"`
		TargetName string         `json:"targetName"`
		EventType  string         `json:"eventType"`
		Data       map[string]any `json:"data"`
		Timestamp  time.Time      `json:"timestamp"`
	} `json:"event"`
	Labels   map[string]string `json:"labels"`
	Metadata map[string]string `json:"metadata"`
}

// plainly does the same work the obvious way: golang-jwt, encoding/json, and the
// rules written out.
func plainly(token string, body []byte) ([]byte, error) {
	claims := jwt.MapClaims{}
	_, err := jwt.ParseWithClaims(token, claims, func(*jwt.Token) (any, error) { return []byte(secret), nil },
		jwt.WithValidMethods([]string{"HS256"}), jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithLeeway(time.Minute))
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(body)
	if claims["checksum_sha256"] != hex.EncodeToString(sum[:]) {
		return nil, errors.New("checksum")
	}
	var b plainBody
	if err := json.Unmarshal(body, &b); err != nil {
		return nil, err
	}
	if b.Event.EventType != event.TypeTouch && b.Event.EventType != event.TypeTemperature {
		return nil, errors.New("filtered")
	}
	if _, test := b.Labels["test"]; test || b.Labels["floor"] != "1" && b.Labels["floor"] != "2" {
		return nil, errors.New("filtered")
	}
	labels := map[string]string{"name": b.Labels["name"], "customer": b.Labels["customer-ID"], "site": "Oslo"}
	if site, ok := b.Labels["site"]; ok {
		labels["site"] = site
	}
	b.Labels = labels
	out, err := json.Marshal(map[string]any{
		"specversion": "1.0", "id": b.Event.EventID, "source": b.Event.TargetName,
		"type": event.TypePrefix + b.Event.EventType, "subject": b.Metadata["deviceId"],
		"time": b.Event.Timestamp, "datacontenttype": "application/json", "data": b,
	})
	if err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	return out, nil
}
