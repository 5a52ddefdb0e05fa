package dtcloud

import "errors"

var (
	// ErrNotFound means that there is no project, device or connector of the
	// name given.
	ErrNotFound = errors.New("not found")
	// ErrInvalid means that an argument or a setting cannot be used. The message
	// names it and says what would do.
	ErrInvalid = errors.New("invalid")
	// ErrRunning means that the cloud runs already.
	ErrRunning = errors.New("the cloud is running already")
)
