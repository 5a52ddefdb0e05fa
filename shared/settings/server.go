package settings

import "strconv"

// Server is what a program that listens by itself is set to.
type Server struct {
	// Port to listen on (PORT); 0 means any free one.
	Port int
}

// LoadServer reads the settings of a server from env. The error is an *[Error].
// A program that loads other settings too joins the errors with [errors.Join],
// which keeps one line a problem.
func LoadServer(env Environment) (Server, error) {
	l := newLoader(env)
	s := Server{Port: 8080}
	if text := l.text(portNumber); text != "" {
		n, err := strconv.ParseUint(text, 10, 16)
		if err != nil {
			l.fault(portNumber, quote(text)+" is not a port")
		}
		s.Port = int(n)
	}
	if err := l.end(); err != nil {
		return Server{}, err
	}
	return s, nil
}
