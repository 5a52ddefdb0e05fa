package command

import (
	"fmt"
	"io"
	"net/textproto"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/dt-functions/dt-functions/shared/signature"
)

type verifyFlags struct {
	secret, previous     string
	organization, issuer string
	keys                 string
	allowSHA1            bool
	at                   string
	headers              []string
}

func (a *app) verify() *cobra.Command {
	var f verifyFlags
	cmd := &cobra.Command{
		Use:   "verify [flags] [FILE]",
		Short: "Verify the signature of a request",
		Long: `verify checks a request's signature headers against its body: the exact bytes
of FILE, or of standard input.

It prints the token's claims as JSON and ends with 0, or prints
{"error":CODE,"message":TEXT,"hint":TEXT} and ends with 1. Secrets can be given by DT_SIGNATURE_SECRET and
DT_SIGNATURE_SECRET_PREVIOUS too, which other users of this machine cannot see.

` + exitCodeHelp,
		Example: `  dtfn verify --secret "$SECRET" --header "X-Dt-Signature: $TOKEN" body.json
  curl -s https://example.com/captured | dtfn verify --header "X-Dt-Signature: $TOKEN"`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.runVerify(cmd, f, args) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.secret, "secret", "", "the connector's signature secret (default $DT_SIGNATURE_SECRET)")
	flags.StringVar(&f.previous, "previous-secret", "", "the secret before it (default $DT_SIGNATURE_SECRET_PREVIOUS)")
	flags.StringVar(&f.organization, "organization", "", "the DT organization's id, for DT-Asymmetric-Signature (default $DT_ORGANIZATION_ID)")
	flags.StringVar(&f.issuer, "issuer", "", "the issuer of asymmetric tokens (default $DT_OIDC_ISSUER, or DT's)")
	flags.StringVar(&f.keys, "jwks", "", "take the issuer's keys from `FILE`, a JSON Web Key Set, instead of asking it")
	flags.BoolVar(&f.allowSHA1, "allow-sha1", false, "accept tokens that carry only a SHA-1 checksum")
	flags.StringVar(&f.at, "at", "", "verify as if it were `TIME`: RFC 3339 or Unix seconds (default now)")
	flags.StringArrayVarP(&f.headers, "header", "H", nil, "a header of the request, `'Name: value'`; repeatable")
	return cmd
}

func (a *app) runVerify(cmd *cobra.Command, f verifyFlags, args []string) error {
	verifier, err := a.verifierFor(f)
	if err != nil {
		return err
	}
	header := make(map[string][]string)
	for _, line := range f.headers {
		name, value, ok := strings.Cut(line, ":")
		if !ok || strings.TrimSpace(name) == "" {
			// The line may hold a token; it is not repeated here.
			return misusef(`--header: want 'Name: value'`)
		}
		name = textproto.TrimString(name)
		header[name] = append(header[name], textproto.TrimString(value))
	}
	body, err := a.bodyFrom(args)
	if err != nil {
		return misuse(err)
	}
	verified, err := verifier.Verify(cmd.Context(), header, body)
	if err != nil {
		code := signature.Code(err)
		a.encode(a.Stdout, verifyFailure{code, err.Error(), verifyHints()[code]})
		return errReported
	}
	if verified.PreviousSecret {
		fmt.Fprintln(a.Stderr, "dtfn: signed with the previous secret")
	}
	a.encode(a.Stdout, claimsOf(verified.Claims))
	return nil
}

// verifierFor makes the verifier that the flags and, behind them, the
// environment ask for.
func (a *app) verifierFor(f verifyFlags) (*signature.Verifier, error) {
	c := signature.Config{AllowSHA1: f.allowSHA1, Now: a.Now}
	if f.at != "" {
		at, err := parseTime(f.at)
		if err != nil {
			return nil, misusef("--at: %w", err)
		}
		c.Now = func() time.Time { return at }
	}
	secret := a.flagOr(f.secret, "DT_SIGNATURE_SECRET")
	if previous := a.flagOr(f.previous, "DT_SIGNATURE_SECRET_PREVIOUS"); secret != "" || previous != "" {
		c.Secrets = signature.StaticSecrets(secret, previous)
	}
	c.Organization = a.flagOr(f.organization, "DT_ORGANIZATION_ID")
	if c.Organization == "" && f.keys != "" {
		return nil, misusef("--jwks: needs --organization, since DT's keys sign for all of its customers")
	}
	if c.Organization != "" {
		var err error
		if c.Issuer, c.Keys, err = a.keysFor(f); err != nil {
			return nil, err
		}
	}
	verifier, err := signature.NewVerifier(c)
	if err != nil {
		return nil, misusef("%w: give --secret or --organization", err)
	}
	return verifier, nil
}

func (a *app) keysFor(f verifyFlags) (issuer string, keys signature.KeySource, err error) {
	issuer = a.flagOr(f.issuer, "DT_OIDC_ISSUER")
	if issuer == "" {
		issuer = signature.DefaultIssuer
	}
	if f.keys == "" {
		set, err := signature.NewKeySet(issuer, nil, a.Now)
		if err != nil {
			return "", nil, misusef("--issuer: %w", err)
		}
		return issuer, set, nil
	}
	data, err := os.ReadFile(f.keys)
	if err != nil {
		return "", nil, misusef("--jwks: %w", err)
	}
	static, err := signature.ParseKeys(data)
	if err != nil {
		return "", nil, misusef("--jwks: %w", err)
	}
	return issuer, static, nil
}

func (a *app) flagOr(flag, variable string) string {
	if flag != "" {
		return flag
	}
	return a.env[variable]
}

// bodyFrom reads the file that args name, or standard input.
func (a *app) bodyFrom(args []string) ([]byte, error) {
	if len(args) == 0 || args[0] == "-" {
		return io.ReadAll(a.Stdin)
	}
	return os.ReadFile(args[0])
}

type verifyFailure struct {
	Error   string `json:"error"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
}

// verifyHints says, for each code, what most often is behind it.
func verifyHints() map[string]string {
	return map[string]string{
		"signature-missing":     "give the request's header: --header 'X-Dt-Signature: …'",
		"signature-wrong":       "is this the secret that the connector has, letter by letter, without white space around it?",
		"checksum-wrong":        "are these the exact bytes that came? JSON that was parsed and written again does not match",
		"token-expired":         "tokens live for an hour; --at verifies as of another time",
		"token-not-yet-valid":   "is this machine's clock right?",
		"checksum-missing":      "tokens from before 2022 carry only SHA-1; --allow-sha1 accepts them",
		"organization-wrong":    "the request comes from another DT customer's connector",
		"keys-unavailable":      "the issuer is out of reach; --jwks takes its keys from a file",
		"algorithm-not-allowed": "X-Dt-Signature takes HS256 and DT-Asymmetric-Signature ES256, nothing else",
	}
}

// claimsJSON are a token's claims, by their names in the token.
type claimsJSON struct {
	Checksum       string `json:"checksum,omitempty"`
	ChecksumSHA256 string `json:"checksum_sha256,omitempty"`
	Expires        int64  `json:"exp"`
	IssuedAt       int64  `json:"iat,omitempty"`
	Issuer         string `json:"iss,omitempty"`
	ID             string `json:"jti,omitempty"`
	Subject        string `json:"sub,omitempty"`
}

func claimsOf(c signature.Claims) claimsJSON {
	j := claimsJSON{
		Checksum: c.Checksum, ChecksumSHA256: c.ChecksumSHA256,
		Expires: c.Expires.Unix(), Issuer: c.Issuer, ID: c.ID, Subject: c.Subject,
	}
	if !c.IssuedAt.IsZero() {
		j.IssuedAt = c.IssuedAt.Unix()
	}
	return j
}

// parseTime reads RFC 3339 or Unix seconds.
func parseTime(text string) (time.Time, error) {
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil {
		return time.Unix(seconds, 0), nil
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q: want RFC 3339, as 2022-02-10T12:43:20Z, or Unix seconds", text)
	}
	return t, nil
}
