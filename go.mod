module github.com/dt-functions/dt-functions

go 1.26

require (
	github.com/go-json-experiment/json v1.27.2
	github.com/golang-jwt/jwt/v5 v5.3.1
)
