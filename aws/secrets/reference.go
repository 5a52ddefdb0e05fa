// Package secrets reads the secrets of AWS Secrets Manager and of the Systems Manager
// Parameter Store that settings refer to.
package secrets

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/dt-functions/dt-functions/aws/awsapi"
)

const (
	managerPrefix   = "aws-secretsmanager://"
	parameterPrefix = "aws-ssm://"
)

// A Reference names a secret:
//
//	aws-secretsmanager://arn:aws:secretsmanager:eu-west-1:123456789012:secret:dt-AbCdEf
//	aws-secretsmanager://arn:…:secret:dt-AbCdEf#signatureSecret
//	aws-ssm:///dt/signature-secret
type Reference struct {
	// ID is the name or the ARN of the secret, or of the parameter.
	ID string
	// Key is the member to take of a secret that is a JSON object; "" means all of it.
	Key string
	// Parameter is true for the Parameter Store.
	Parameter bool
}

// ErrReference means that a reference names nothing.
var ErrReference = errors.New("want aws-secretsmanager://ARN, aws-secretsmanager://ARN#JSONKEY or aws-ssm://NAME")

// ParseReference reads a reference. ok is false when value is none.
func ParseReference(value string) (r Reference, ok bool, err error) {
	switch {
	case strings.HasPrefix(value, managerPrefix):
		var marked bool
		r.ID, r.Key, marked = strings.Cut(strings.TrimPrefix(value, managerPrefix), "#")
		if r.ID == "" || marked && r.Key == "" {
			return Reference{}, true, ErrReference
		}
		return r, true, nil
	case strings.HasPrefix(value, parameterPrefix):
		r.ID, r.Parameter = strings.TrimPrefix(value, parameterPrefix), true
		if r.ID == "" {
			return Reference{}, true, ErrReference
		}
		return r, true, nil
	}
	return Reference{}, false, nil
}

// region returns the region in an ARN; "" for a name, which is in the function's.
func (r Reference) region() string {
	arn, _ := awsapi.ParseARN(r.ID)
	return arn.Region
}

// Extract returns the secret that r means out of text, what the store holds. The
// error shows nothing of it.
func (r Reference) Extract(text string) (string, error) {
	if r.Key != "" {
		members, err := object(text)
		if err != nil {
			return "", err
		}
		raw, ok := members[r.Key]
		if !ok {
			return "", fmt.Errorf("the secret has no member %.80q", r.Key)
		}
		if json.Unmarshal(raw, &text) != nil {
			return "", fmt.Errorf("the secret's member %.80q is not a text", r.Key)
		}
	}
	if text == "" {
		return "", errors.New("the secret is empty")
	}
	return text, nil
}

// Insert returns text with the secret that r means replaced.
func (r Reference) Insert(text, secret string) (string, error) {
	if r.Key == "" {
		return secret, nil
	}
	members, err := object(text)
	if err != nil {
		return "", err
	}
	quoted, err := json.Marshal(secret)
	if err != nil {
		return "", errors.New("the secret cannot be written as JSON")
	}
	members[r.Key] = quoted
	out, err := json.Marshal(members)
	if err != nil {
		return "", errors.New("the secret cannot be written as JSON")
	}
	return string(out), nil
}

func object(text string) (map[string]json.RawMessage, error) {
	var members map[string]json.RawMessage
	// The error could quote a part of the secret.
	if json.Unmarshal([]byte(text), &members) != nil || members == nil {
		return nil, errors.New("the secret is not a JSON object, but the reference names a member of one")
	}
	return members, nil
}
