package dtcloud_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/dt-functions/dt-functions/local/dtcloud"
	"github.com/dt-functions/dt-functions/shared/signature"
)

// A cloud delivers the touch of an emulated button to a receiver that verifies it.
func Example() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	verifier, err := signature.NewVerifier(signature.Config{Secrets: signature.StaticSecrets("s3cret")})
	if err != nil {
		fmt.Println(err)
		return
	}
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body, err := io.ReadAll(request.Body)
		if err == nil {
			_, err = verifier.Verify(request.Context(), request.Header, body)
		}
		if err != nil {
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	defer receiver.Close()

	cloud, err := dtcloud.New(dtcloud.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	project, err := cloud.AddProject(dtcloud.ProjectSpec{DisplayName: "Office"})
	if err != nil {
		fmt.Println(err)
		return
	}
	button, err := cloud.AddDevice(project, dtcloud.DeviceSpec{Type: "touch", Emulated: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = cloud.AddConnector(project, dtcloud.Connector{HTTPConfig: dtcloud.HTTPConfig{URL: receiver.URL, SignatureSecret: "s3cret"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := cloud.Publish(button, "touch", []byte("{}")); err != nil {
		fmt.Println(err)
		return
	}

	ended := make(chan error)
	go func() { ended <- cloud.Run(ctx) }()
	if err := cloud.WaitIdle(ctx); err != nil {
		fmt.Println(err)
	}
	cancel()
	fmt.Println(<-ended)
	fmt.Println(cloud.Stats())
	// Output:
	// <nil>
	// sent 1, delivered 1, pending 0, expired 0, lost 0, missed 0; attempts 1: retried 0, duplicates 0, corrupted 0, answers dropped 0
}

// Twelve hours of retries pass in milliseconds on a virtual clock.
func ExampleNewVirtualClock() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	clock := dtcloud.NewVirtualClock(time.Date(2024, 5, 29, 8, 0, 0, 0, time.UTC))
	down := roundTrip(func(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF })
	cloud, err := dtcloud.New(dtcloud.Config{Clock: clock, Transport: down})
	if err != nil {
		fmt.Println(err)
		return
	}
	project, err := cloud.AddProject(dtcloud.ProjectSpec{})
	if err != nil {
		fmt.Println(err)
		return
	}
	button, err := cloud.AddDevice(project, dtcloud.DeviceSpec{Type: "touch", Emulated: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = cloud.AddConnector(project, dtcloud.Connector{HTTPConfig: dtcloud.HTTPConfig{URL: "https://down.example"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := cloud.Publish(button, "touch", []byte("{}")); err != nil {
		fmt.Println(err)
		return
	}
	ended := make(chan error)
	go func() { ended <- cloud.Run(ctx) }()
	if err := cloud.WaitIdle(ctx); err != nil {
		fmt.Println(err)
	}
	fmt.Println(clock.Now().Format(time.TimeOnly), "expired:", cloud.Stats().Expired)
	cancel()
	<-ended
	// Output: 20:00:00 expired: 1
}
