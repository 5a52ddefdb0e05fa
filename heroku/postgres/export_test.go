package postgres

import (
	"net/url"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Readable is exported for tests.
func Readable(data []byte) bool { return readable(data) }

// Text is exported for tests.
func Text(s string) string { return text(s) }

// Config returns what an Opener makes of a URL.
func (o Opener) Config(u *url.URL) (*pgxpool.Config, error) {
	d, err := o.database(u)
	if err != nil {
		return nil, err
	}
	return d.config, nil
}
