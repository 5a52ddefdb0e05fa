//go:build platforms && linux

package kafkatest

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// HomeVariable is the environment variable that names the folder whose libs are
// Apache Kafka.
const HomeVariable = "DTFN_KAFKA_HOME"

const host = "127.0.0.1"

// A Broker is a Kafka of one node, its own controller too, in a folder of its own.
type Broker struct {
	home  string
	dir   string
	ports [3]int         // for clients, for the controller, for clients that log in
	roots *x509.CertPool // its certificate
	run   *running       // nil while it is stopped
}

// Start makes a broker and starts it, with settings such as "min.insync.replicas=2"
// beside those that a single node needs. Close it after use.
func Start(ctx context.Context, settings ...string) (*Broker, error) {
	home := os.Getenv(HomeVariable)
	if home == "" {
		return nil, errors.New(HomeVariable + " is not set: it names the folder of Apache Kafka; tools/install-kafka.sh installs it and prints the folder")
	}
	dir, err := os.MkdirTemp("", "dtfn-kafka-")
	if err != nil {
		return nil, err
	}
	b := &Broker{home: home, dir: dir}
	if err := b.create(ctx, settings); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	if err := b.Restart(ctx); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

// create writes the settings and prepares the folder of the data.
func (b *Broker) create(ctx context.Context, settings []string) error {
	ports, err := freePorts()
	if err != nil {
		return err
	}
	b.ports = ports
	secure, err := b.secure()
	if err != nil {
		return err
	}
	lines := append([]string{
		"process.roles=broker,controller",
		"node.id=1",
		fmt.Sprintf("controller.quorum.voters=1@%s:%d", host, ports[1]),
		fmt.Sprintf("listeners=CLIENTS://%s:%d,CONTROLLER://%s:%d,SECURE://%s:%d", host, ports[0], host, ports[1], host, ports[2]),
		fmt.Sprintf("advertised.listeners=CLIENTS://%s:%d,SECURE://%s:%d", host, ports[0], host, ports[2]),
		"listener.security.protocol.map=CLIENTS:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:SASL_SSL",
		"inter.broker.listener.name=CLIENTS",
		"controller.listener.names=CONTROLLER",
		"log.dirs=" + filepath.Join(b.dir, "data"),
		"auto.create.topics.enable=false",
		// The controller takes a killed broker for alive until its session ends, and
		// does not let the next one in before.
		"broker.heartbeat.interval.ms=200",
		"broker.session.timeout.ms=1000",
	}, append(secure, settings...)...)
	if err := os.WriteFile(b.properties(), []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		return err
	}
	format := exec.CommandContext(ctx, "java", b.java("kafka.tools.StorageTool",
		append([]string{"format", "--cluster-id", "ZHRmbi10ZXN0LWNsdXN0ZQ", "--config", b.properties()}, b.scram()...)...)...)
	if out, err := format.CombinedOutput(); err != nil {
		return fmt.Errorf("formatting Kafka's storage: %w\n%s", err, out)
	}
	return nil
}

func (b *Broker) properties() string { return filepath.Join(b.dir, "server.properties") }

// java returns the arguments that run a class of Kafka, set to start quickly.
func (b *Broker) java(class string, args ...string) []string {
	return append([]string{
		"-cp", filepath.Join(b.home, "libs", "*"),
		"-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
		"-Dorg.slf4j.simpleLogger.defaultLogLevel=info", class,
	}, args...)
}

// freePorts returns ports that nobody listens on, from below those that the
// system gives to clients: while the broker is down its port must not go to another,
// and a client that tries to reach it must not be given the same port and so connect
// to itself.
func freePorts() (ports [3]int, err error) {
	const first, last = 15000, 32000
	at := 0
	offset := os.Getpid() % (last - first)
	for i := 0; i < last-first && at < len(ports); i++ {
		port := first + (offset+i)%(last-first)
		listener, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
		if err != nil {
			continue
		}
		if err := listener.Close(); err != nil {
			return ports, err
		}
		ports[at] = port
		at++
	}
	if at < len(ports) {
		return ports, errors.New("no free ports for Kafka")
	}
	return ports, nil
}

// Address returns where the broker listens for clients, without TLS or a login.
func (b *Broker) Address() string { return net.JoinHostPort(host, strconv.Itoa(b.ports[0])) }

// Close stops the broker and removes all that it kept.
func (b *Broker) Close() error {
	return errors.Join(b.Kill(), os.RemoveAll(b.dir))
}
