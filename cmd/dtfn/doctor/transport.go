package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// transportFault names why no answer came.
func transportFault(err error, now time.Time) (fault, remedy string) {
	var (
		dns      *net.DNSError
		invalid  x509.CertificateInvalidError
		hostname x509.HostnameError
		unknown  x509.UnknownAuthorityError
		verify   *tls.CertificateVerificationError
		record   tls.RecordHeaderError
		timeout  net.Error
		op       *net.OpError
	)
	const renew = "renew the certificate (or set this machine's clock, if that is far off); DT does not deliver to an endpoint whose certificate is not valid"
	switch {
	case errors.As(err, &dns):
		return "the host does not resolve: " + clean(dns.Name), "see that the URL is spelled right and that the name has a DNS record (a new one takes minutes)"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired && now.Before(invalid.Cert.NotBefore):
		return "the TLS certificate is not valid before " + day(invalid.Cert.NotBefore), renew
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "the TLS certificate has expired, on " + day(invalid.Cert.NotAfter), renew
	case errors.As(err, &hostname):
		return "the TLS certificate is for another host", "install a certificate that names the host of the URL"
	case errors.As(err, &unknown):
		return "the TLS certificate is signed by nobody that is trusted", "install a certificate of a public authority, with its intermediate certificates"
	case errors.As(err, &verify):
		return "the TLS certificate is not valid", renew
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		return "the host does not speak TLS on this port", "correct the port, or terminate TLS before the function"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return fmt.Sprintf("no answer within the %.0f s that DT waits", answerTime.Seconds()), "see that the function runs and is public; give it more memory if it starts slowly"
	case errors.As(err, &op) && op.Op == "dial":
		return "the host takes no connections", "see that the function runs, and that host and port are right"
	}
	return "the connection breaks before an answer comes", "see what stands before the function (proxy, firewall), and the function's log"
}
