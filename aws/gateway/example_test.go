package gateway_test

import (
	"fmt"

	"github.com/dt-functions/dt-functions/aws/gateway"
	"github.com/dt-functions/dt-functions/functions/receive"
)

func Example() {
	request, kind, err := gateway.Decode([]byte(`{"requestContext":{"elb":{}},"httpMethod":"POST","path":"/","headers":{},"body":"e30=","isBase64Encoded":true}`))
	fmt.Printf("%s %s %s %v\n", kind, request.Method, request.Body, err)
	answer, err := gateway.Encode(receive.Answer{Status: 200, Body: []byte("{}")}, kind)
	fmt.Printf("%s %v\n", answer, err)
	// Output:
	// alb POST {} <nil>
	// {"statusCode":200,"statusDescription":"200 OK","body":"{}","isBase64Encoded":false} <nil>
}
