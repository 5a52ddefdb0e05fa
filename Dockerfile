# The server in an image of its own: one static file, and nobody's rights.
# Build it from the root of the repository: docker build .
FROM golang:1.26 AS build
# Set by builders that build for several platforms; empty means the builder's own.
ARG TARGETOS
ARG TARGETARCH
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -ldflags="-s -w" -o /server ./heroku/server

# Certificate authorities are in the program (golang.org/x/crypto/x509roots).
FROM scratch
COPY --from=build /server /server
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["/server"]
