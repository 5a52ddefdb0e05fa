//go:build platforms && linux

package kafkatest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// Who can log in at SecureAddress, by PLAIN and SCRAM-SHA-512, and may do what Allow has
// allowed.
const (
	User     = "us3r-MARK"
	Password = "p@ss w0rd:MARK"
)

// SecureAddress returns where the broker listens with TLS and wants a login.
func (b *Broker) SecureAddress() string { return net.JoinHostPort(host, strconv.Itoa(b.ports[2])) }

// TLS returns what clients of SecureAddress need.
func (b *Broker) TLS() *tls.Config { return &tls.Config{RootCAs: b.roots} }

// scram returns the arguments of the storage's formatting that make the user known.
func (*Broker) scram() []string {
	return []string{"--add-scram", fmt.Sprintf("SCRAM-SHA-512=[name=%s,password=%s]", User, Password)}
}

// secure makes the broker's certificate and returns the settings of its listener.
func (b *Broker) secure() ([]string, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "throw-away"},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(24 * time.Hour),
		IPAddresses:  []net.IP{net.ParseIP(host)},
		IsCA:         true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	b.roots = x509.NewCertPool()
	b.roots.AppendCertsFromPEM(certificate)
	file := filepath.Join(b.dir, "server.pem")
	if err := os.WriteFile(file, append(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}), certificate...), 0o600); err != nil {
		return nil, err
	}
	return []string{
		"ssl.keystore.type=PEM",
		"ssl.keystore.location=" + file,
		"listener.name.secure.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512",
		fmt.Sprintf(`listener.name.secure.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_%s="%s";`, User, Password),
		"listener.name.secure.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;",
		"authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
		// Who does not log in is the test itself, and the broker to itself.
		"super.users=User:ANONYMOUS",
	}, nil
}
