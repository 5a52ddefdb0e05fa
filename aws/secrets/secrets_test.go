package secrets_test

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"github.com/dt-functions/dt-functions/aws/fakeaws"
	"github.com/dt-functions/dt-functions/aws/secrets"
	"github.com/dt-functions/dt-functions/shared/secret/secrettest"
	"github.com/dt-functions/dt-functions/shared/secretstore"
	"github.com/dt-functions/dt-functions/shared/settings"
)

const arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:dt-AbCdEf"

// A store is what a fake has of secrets: by "id label", and parameters by "name".
type store struct {
	mu     sync.Mutex
	values map[string]string
}

func (s *store) set(name, value string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.values[name] = value
}

func (s *store) answer(c fakeaws.Call) fakeaws.Answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	var in struct {
		SecretId, VersionStage, Name string
		WithDecryption               bool
	}
	if err := json.Unmarshal(c.Body, &in); err != nil {
		return fakeaws.Answer{Status: 500}
	}
	reply := func(v any) fakeaws.Answer {
		text, err := json.Marshal(v)
		if err != nil {
			return fakeaws.Answer{Status: 500}
		}
		return fakeaws.Answer{Body: string(text)}
	}
	if c.Operation == "AmazonSSM.GetParameter" {
		if value, ok := s.values[in.Name]; ok && in.WithDecryption {
			return reply(map[string]any{"Parameter": map[string]string{"Value": value}})
		}
		return fakeaws.Answer{Status: 400, Body: `{"__type":"ParameterNotFound"}`}
	}
	value, ok := s.values[in.SecretId+" "+in.VersionStage]
	switch {
	case !ok:
		return fakeaws.Answer{Status: 400, Body: `{"__type":"ResourceNotFoundException","message":"Secrets Manager can't find the specified secret value"}`}
	case strings.HasPrefix(value, "binary:"):
		return reply(map[string]any{"SecretBinary": []byte(strings.TrimPrefix(value, "binary:"))})
	}
	return reply(map[string]any{"SecretString": value})
}

func newStore(t *testing.T, values map[string]string) (*store, *fakeaws.Server) {
	t.Helper()
	s := &store{values: values}
	return s, fakeaws.New(t, s.answer)
}

func TestResolve(t *testing.T) {
	_, f := newStore(t, map[string]string{
		arn + " AWSCURRENT": `{"signature":"from-a-member","other":1}`, "plain AWSCURRENT": "from-plain", "bin AWSCURRENT": "binary:from-binary",
		"/dt/account": "from-a-parameter",
	})
	env, err := secretstore.Resolve(t.Context(), settings.Environment{
		"DT_SIGNATURE_SECRET": "aws-secretsmanager://" + arn + "#signature", "DT_SIGNATURE_SECRET_PREVIOUS": "aws-secretsmanager://bin",
		"DT_FORWARD_SECRET": "aws-secretsmanager://plain", "DT_SERVICE_ACCOUNT_SECRET": "aws-ssm:///dt/account", "DT_LABELS": "aws-ssm://no-secret",
	}, secrets.NewStore(f.Client()))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"DT_SIGNATURE_SECRET": "from-a-member", "DT_SIGNATURE_SECRET_PREVIOUS": "from-binary", "DT_FORWARD_SECRET": "from-plain",
		"DT_SERVICE_ACCOUNT_SECRET": "from-a-parameter", "DT_LABELS": "aws-ssm://no-secret",
	} {
		if env[name] != want {
			t.Errorf("%s is %q, want %q", name, env[name], want)
		}
	}
}

// Every variable whose secret cannot be read is named, with what to do; no secret is.
func TestResolveFaults(t *testing.T) {
	const hidden = "hunter2-hunter2"
	_, f := newStore(t, map[string]string{"text AWSCURRENT": hidden, "members AWSCURRENT": `{"a":"` + hidden + `","b":7,"c":""}`})
	for value, want := range map[string]string{
		"aws-secretsmanager://missing":   "secretsmanager GetSecretValue: 400 ResourceNotFoundException",
		"aws-ssm://missing":              "ssm:GetParameter",
		"aws-secretsmanager://":          "want aws-secretsmanager://ARN",
		"aws-secretsmanager://text#":     "want aws-secretsmanager://ARN",
		"aws-ssm://":                     "want aws-secretsmanager://ARN",
		"aws-secretsmanager://text#a":    "not a JSON object",
		"aws-secretsmanager://members#x": `no member "x"`,
		"aws-secretsmanager://members#b": `member "b" is not a text`,
		"aws-secretsmanager://members#c": "the secret is empty",
	} {
		_, err := secretstore.Resolve(t.Context(), settings.Environment{"DT_SIGNATURE_SECRET": value, "DT_FORWARD_SECRET": value}, secrets.NewStore(f.Client()))
		if err == nil {
			t.Errorf("%s is resolved", value)
			continue
		}
		for _, part := range []string{"DT_SIGNATURE_SECRET: ", "DT_FORWARD_SECRET: ", want} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %q is not in %v", value, part, err)
			}
		}
		secrettest.CheckHidden(t, "the error", err.Error(), hidden)
	}
}

func TestInsert(t *testing.T) {
	plain, member := secrets.Reference{ID: "s"}, secrets.Reference{ID: "s", Key: "k"}
	if got, err := plain.Insert("old", "new"); got != "new" || err != nil {
		t.Errorf("%s, %v", got, err)
	}
	if got, err := member.Insert(`{"k":"old","z":{"a":1.50}}`, `n"w`); got != `{"k":"n\"w","z":{"a":1.50}}` || err != nil {
		t.Errorf("%s, %v", got, err)
	}
	if _, err := member.Insert("hunter2", "new"); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("%v", err)
	}
}

func FuzzReference(f *testing.F) {
	f.Add("aws-secretsmanager://"+arn+"#k", `{"k":"v"}`)
	f.Add("aws-ssm:///a/b", "v")
	f.Add("AWS-SSM://x", "")
	f.Fuzz(func(t *testing.T, value, text string) {
		r, ok, err := secrets.ParseReference(value)
		if !ok && (err != nil || r != secrets.Reference{}) || err == nil && ok && r.ID == "" {
			t.Fatalf("%q became %+v, %v, %v", value, r, ok, err)
		}
		got, err := r.Extract(text)
		if err == nil && got == "" {
			t.Fatal("an empty secret")
		}
		if err == nil && r.Key == "" && got != text {
			t.Fatalf("%q became %q", text, got)
		}
	})
}

func TestRead(t *testing.T) {
	s := &store{values: map[string]string{arn + " AWSCURRENT": "the s3cret MARK", "/dt/secret": "of a parameter", "empty AWSCURRENT": ""}}
	f := fakeaws.New(t, s.answer)
	for reference, want := range map[string]string{
		"aws-secretsmanager://" + arn: "the s3cret MARK",
		"aws-ssm:///dt/secret":        "of a parameter",
	} {
		got, err := secrets.Read(t.Context(), f.Client(), reference)
		if err != nil || got.Reveal() != want {
			t.Errorf("%s: %v", reference, err)
		}
	}
	for reference, want := range map[string]string{
		"":                                     "want aws-secretsmanager://ARN",
		"the s3cret MARK":                      "want aws-secretsmanager://ARN",
		"aws-ssm://":                           "want aws-secretsmanager://ARN",
		"aws-secretsmanager://absent":          "ResourceNotFoundException",
		"aws-ssm://absent":                     "ssm:GetParameter",
		"aws-secretsmanager://empty":           "the secret is empty",
		"aws-secretsmanager://" + arn + "#key": "secretsmanager:GetSecretValue",
	} {
		got, err := secrets.Read(t.Context(), f.Client(), reference)
		if err == nil || !got.IsZero() || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "MARK") {
			t.Errorf("%s: %v, want %q in it", reference, err, want)
		}
	}
}
