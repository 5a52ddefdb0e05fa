package secret_test

import (
	"fmt"

	"github.com/dt-functions/dt-functions/shared/secret"
)

func ExampleText() {
	s := secret.New("correct horse battery staple")
	fmt.Printf("%v %+v %x\n", s, struct{ inner secret.Text }{s}.inner, s)
	fmt.Println(len(s.Reveal()))
	// Output:
	// [redacted] [redacted] [redacted]
	// 28
}
