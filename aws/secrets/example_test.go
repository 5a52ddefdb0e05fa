package secrets_test

import (
	"fmt"

	"github.com/dt-functions/dt-functions/aws/secrets"
)

func ExampleParseReference() {
	r, ok, err := secrets.ParseReference("aws-secretsmanager://arn:aws:secretsmanager:eu-west-1:123456789012:secret:dt-AbCdEf#signature")
	fmt.Println(r.ID, r.Key, ok, err)
	// Output: arn:aws:secretsmanager:eu-west-1:123456789012:secret:dt-AbCdEf signature true <nil>
}
