package kafka

import (
	"context"
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/oauth"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"

	"github.com/dt-functions/dt-functions/shared/secret"
)

// The SASL mechanisms, by their names in the IANA registry.
const (
	Plain       = "PLAIN"         // RFC 4616
	ScramSHA256 = "SCRAM-SHA-256" // RFC 7677
	ScramSHA512 = "SCRAM-SHA-512"
	OAuthBearer = "OAUTHBEARER" // RFC 7628
)

// SASL is how to log in to the brokers.
type SASL struct {
	// Mechanism is Plain, ScramSHA256, ScramSHA512 or OAuthBearer.
	Mechanism string
	// User and Password are for all mechanisms but OAuthBearer.
	User     secret.Text
	Password secret.Text
	// Token is for OAuthBearer: it returns a bearer token that is valid now, and is
	// called for every connection. Its errors must not contain a token.
	Token func(context.Context) (string, error)
}

func (s SASL) isZero() bool {
	return s.Mechanism == "" && s.User.IsZero() && s.Password.IsZero() && s.Token == nil
}

func (s SASL) check() error {
	switch s.Mechanism {
	case Plain, ScramSHA256, ScramSHA512:
		if s.User.IsZero() || s.Password.IsZero() {
			return fmt.Errorf("the SASL mechanism %s of Kafka needs a user and a password", s.Mechanism)
		}
	case OAuthBearer:
		if s.Token == nil {
			return fmt.Errorf("the SASL mechanism %s of Kafka needs a function that returns tokens", s.Mechanism)
		}
	default:
		return fmt.Errorf("unknown SASL mechanism for Kafka: want %s, %s, %s or %s", Plain, ScramSHA256, ScramSHA512, OAuthBearer)
	}
	return nil
}

// mechanism returns s as franz-go has it. s has been checked.
func (s SASL) mechanism() sasl.Mechanism {
	switch s.Mechanism {
	case Plain:
		return plain.Plain(func(context.Context) (plain.Auth, error) {
			return plain.Auth{User: s.User.Reveal(), Pass: s.Password.Reveal()}, nil
		})
	case OAuthBearer:
		return oauth.Oauth(func(ctx context.Context) (oauth.Auth, error) {
			token, err := s.Token(ctx)
			if err != nil {
				return oauth.Auth{}, fmt.Errorf("fetching a token for Kafka: %w", err)
			}
			if token == "" {
				return oauth.Auth{}, errors.New("the token for Kafka is empty")
			}
			return oauth.Auth{Token: token}, nil
		})
	}
	auth := func(context.Context) (scram.Auth, error) {
		return scram.Auth{User: s.User.Reveal(), Pass: s.Password.Reveal()}, nil
	}
	if s.Mechanism == ScramSHA256 {
		return scram.Sha256(auth)
	}
	return scram.Sha512(auth)
}
