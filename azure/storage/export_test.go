package storage

import "net/http"

// StringToSign is what a request is signed by.
func StringToSign(account string, r *http.Request, length int) string {
	return stringToSign(account, r, length)
}
