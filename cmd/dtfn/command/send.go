package command

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/textproto"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/dt-functions/dt-functions/cmd/dtfn/sample"
	"github.com/dt-functions/dt-functions/shared/signature"
)

type sendFlags struct {
	sample                           sample.Event
	labels                           []string
	body                             string
	secret                           string
	key, keyID, organization, issuer string
	headers                          []string
	repeat                           int
	same                             bool
	timeout                          time.Duration
}

func (a *app) send() *cobra.Command {
	var f sendFlags
	cmd := &cobra.Command{
		Use:   "send [flags] URL",
		Short: "Sign an event and post it, as a Data Connector does",
		Long: `send makes an event, signs it and posts it to URL. Each repetition is another
event with an id of its own; with --same it is the same one again, as when DT
sends an event twice.

It ends with 0 when every answer is 200. The secret can be given by
DT_SIGNATURE_SECRET too, which other users of this machine cannot see.

` + exitCodeHelp,
		Example: `  dtfn send --secret "$SECRET" http://localhost:8080/
  dtfn send --type temperature --data '{"value":-18.5}' --label name="Freezer 1" https://example.com/dt
  dtfn send --body captured.json --secret "$SECRET" http://localhost:8080/`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.runSend(cmd.Context(), f, args[0]) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.sample.Type, "type", "temperature", "the event type")
	flags.StringVar(&f.sample.Data, "data", "", "the event's data, a JSON object: what stands in event.data under the type (default a sample)")
	flags.StringArrayVar(&f.labels, "label", nil, "a label of the device, `key=value`; repeatable")
	flags.StringVar(&f.sample.Device, "device", "emudtfn0000000000000000", "the device's id")
	flags.StringVar(&f.sample.DeviceType, "device-type", "", "the device's type (default the one that sends such events)")
	flags.StringVar(&f.sample.Project, "project", "dtfn0000000000000000", "the project's id")
	flags.StringVar(&f.sample.ID, "event-id", "", "the event's id (default a new one)")
	flags.StringVar(&f.body, "body", "", "post the exact bytes of `FILE` instead of making an event; - for standard input")
	flags.StringVar(&f.secret, "secret", "", "sign X-Dt-Signature with this secret (default $DT_SIGNATURE_SECRET)")
	flags.StringVar(&f.key, "key", "", "sign DT-Asymmetric-Signature with the P-256 key in `FILE` (PEM)")
	flags.StringVar(&f.keyID, "key-id", "", "the id of that key (kid)")
	flags.StringVar(&f.organization, "organization", "", "the organization's id (sub)")
	flags.StringVar(&f.issuer, "issuer", signature.DefaultIssuer, "the issuer (iss)")
	flags.StringArrayVarP(&f.headers, "header", "H", nil, "a further header, `'Name: value'`; repeatable")
	flags.IntVar(&f.repeat, "repeat", 1, "how many times to send")
	flags.BoolVar(&f.same, "same", false, "repeat the same event instead of a new one each time")
	flags.DurationVar(&f.timeout, "timeout", 10*time.Second, "how long to wait for an answer")
	return cmd
}

// A sendResult is what became of one request.
type sendResult struct {
	EventID   string  `json:"eventId,omitempty"`
	Status    int     `json:"status,omitempty"`
	Answer    string  `json:"answer,omitempty"`
	Error     string  `json:"error,omitempty"`
	LatencyMS float64 `json:"latencyMs"`
}

func (a *app) runSend(ctx context.Context, f sendFlags, url string) error {
	if f.repeat < 1 {
		return misusef("--repeat: want 1 or more, got %d", f.repeat)
	}
	header, err := sendHeader(f.headers)
	if err != nil {
		return err
	}
	next, err := a.bodies(f)
	if err != nil {
		return err
	}
	signers, err := a.signers(f)
	if err != nil {
		return err
	}
	client := &http.Client{
		Timeout: f.timeout,
		// A Data Connector's events would be lost behind a redirect; show it.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	failed := 0
	for range f.repeat {
		id, body, err := next()
		if err != nil {
			return err
		}
		result := a.post(ctx, client, url, header, signers, body)
		result.EventID = id
		if result.Status != http.StatusOK {
			failed++
		}
		a.showSent(result)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d were not answered with 200", failed, f.repeat)
	}
	return nil
}

func (a *app) post(ctx context.Context, client *http.Client, url string, header http.Header, signers []*signature.Signer, body []byte) sendResult {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return sendResult{Error: err.Error()}
	}
	request.Header = header.Clone()
	for _, s := range signers {
		if err := s.SignHeader(request.Header, body); err != nil {
			return sendResult{Error: err.Error()}
		}
	}
	start := time.Now()
	response, err := client.Do(request)
	if err != nil {
		return sendResult{Error: err.Error(), LatencyMS: milliseconds(time.Since(start))}
	}
	defer response.Body.Close()
	const shown = 4 << 10
	answer, err := io.ReadAll(io.LimitReader(response.Body, shown))
	result := sendResult{Status: response.StatusCode, Answer: string(answer), LatencyMS: milliseconds(time.Since(start))}
	if err != nil {
		result.Error = err.Error()
	}
	return result
}

func (a *app) showSent(r sendResult) {
	switch {
	case a.json:
		a.encode(a.Stdout, r)
	case r.Error != "":
		fmt.Fprintf(a.Stdout, "%s  failed  %s\n", r.EventID, r.Error)
	default:
		fmt.Fprintf(a.Stdout, "%s  %d  %6.1f ms  %s\n", r.EventID, r.Status, r.LatencyMS, strings.TrimSpace(r.Answer))
	}
}

// bodies returns what gives the id and the bytes of each request.
func (a *app) bodies(f sendFlags) (func() (string, []byte, error), error) {
	if f.body != "" {
		body, err := a.bodyFrom([]string{f.body})
		if err != nil {
			return nil, misusef("--body: %w", err)
		}
		return func() (string, []byte, error) { return "", body, nil }, nil
	}
	if f.sample.Data != "" && !json.Valid([]byte(f.sample.Data)) {
		return nil, misusef("--data: not JSON")
	}
	f.sample.Labels = make(map[string]string)
	for _, label := range f.labels {
		key, value, ok := strings.Cut(label, "=")
		if !ok || key == "" {
			return nil, misusef("--label: %q: want key=value", label)
		}
		f.sample.Labels[key] = value
	}
	var id string
	var body []byte
	return func() (string, []byte, error) {
		if body != nil && f.same {
			return id, body, nil
		}
		var err error
		id, body, err = f.sample.Body(a.Now(), rand.Reader)
		return id, body, err
	}, nil
}

// signers returns a signer for each key that was given.
func (a *app) signers(f sendFlags) ([]*signature.Signer, error) {
	var signers []*signature.Signer
	if secret := a.flagOr(f.secret, "DT_SIGNATURE_SECRET"); secret != "" {
		s, err := signature.NewSigner([]byte(secret), signature.WithSignerClock(a.Now))
		if err != nil {
			return nil, misuse(err)
		}
		signers = append(signers, s)
	}
	if f.key != "" {
		key, err := readKey(f.key)
		if err != nil {
			return nil, misusef("--key: %w", err)
		}
		s, err := signature.NewAsymmetricSigner(key, f.keyID, f.issuer, f.organization, signature.WithSignerClock(a.Now))
		if err != nil {
			return nil, misusef("--key: %w", err)
		}
		signers = append(signers, s)
	}
	if len(signers) == 0 {
		fmt.Fprintln(a.Stderr, "dtfn: neither --secret nor --key: the request is not signed")
	}
	return signers, nil
}

// readKey reads a private key in PEM: SEC 1 or PKCS #8.
func readKey(path string) (*ecdsa.PrivateKey, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(data)
	if block == nil {
		return nil, errors.New("no PEM in the file")
	}
	if key, err := x509.ParseECPrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errors.New("not an EC private key")
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok {
		return nil, errors.New("not an EC private key")
	}
	return key, nil
}

func sendHeader(lines []string) (http.Header, error) {
	header := http.Header{"Content-Type": {"application/json"}, "User-Agent": {"dtfn"}}
	for _, line := range lines {
		name, value, ok := strings.Cut(line, ":")
		if name = textproto.TrimString(name); !ok || name == "" {
			return nil, misusef(`--header: want 'Name: value'`)
		}
		header.Set(name, textproto.TrimString(value))
	}
	return header, nil
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
