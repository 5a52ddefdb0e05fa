package checkpoint_test

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/dt-functions/dt-functions/shared/checkpoint"
)

// Two runs at a time: the second to save learns of it, and loads again.
func ExampleStore() {
	dir, err := os.MkdirTemp("", "checkpoints")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	s, err := checkpoint.Portable().Open(ctx, fileURL(dir))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()

	const connector = "projects/bhmh0143iktucae701vg/dataconnectors/bchonod7rihjtvdmd2vg"
	mine, err := s.Load(ctx, connector)
	fmt.Printf("%q %q %v\n", mine.Data, mine.Revision, err)

	_, err = s.Save(ctx, connector, []byte(`{"until":"2026-11-23T12:00:00Z"}`), "") // the other run
	fmt.Println(err)

	_, err = s.Save(ctx, connector, []byte(`{"until":"2026-11-23T11:00:00Z"}`), mine.Revision)
	fmt.Println(errors.Is(err, checkpoint.ErrConflict))

	mine, err = s.Load(ctx, connector)
	fmt.Printf("%s %v\n", mine.Data, err)
	_, err = s.Save(ctx, connector, []byte(`{"until":"2026-11-23T13:00:00Z"}`), mine.Revision)
	fmt.Println(err)
	// Output:
	// "" "" <nil>
	// <nil>
	// true
	// {"until":"2026-11-23T12:00:00Z"} <nil>
	// <nil>
}

func ExampleDrivers_Check() {
	_, err := checkpoint.Portable().Check("s3://user:password@bucket/checkpoints")
	fmt.Println(err)
	// Output:
	// checkpoint URL has the unknown scheme "s3": want file:///path
}

func ExampleEscapeKey() {
	fmt.Println(checkpoint.EscapeKey("projects/bhmh0143iktucae701vg/dataconnectors/bchonod7rihjtvdmd2vg"))
	// Output:
	// projects.2fbhmh0143iktucae701vg.2fdataconnectors.2fbchonod7rihjtvdmd2vg
}
