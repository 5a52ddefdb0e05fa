package dtcloud

import (
	"encoding/base64"
	"net/http"
	"strconv"
)

// maxList is how many resources a list has at most, and by default (DT: Pagination).
const maxList = 100

// pageSize returns how many entries a page is to have.
func (k *call) pageSize(most, usual int) (int, error) {
	texts := k.query("pageSize", "page_size")
	if len(texts) == 0 || texts[0] == "" || texts[0] == "0" {
		return usual, nil
	}
	n, err := strconv.Atoi(texts[0])
	if err != nil || n < 0 {
		return 0, failure(http.StatusBadRequest, "invalid argument: page_size %.20q is not a number above 0", texts[0])
	}
	return min(n, most), nil
}

// pageToken returns what the token of the request stands for; "" on the first page.
func (k *call) pageToken() (string, error) {
	texts := k.query("pageToken", "page_token")
	if len(texts) == 0 {
		return "", nil
	}
	token, err := base64.RawURLEncoding.DecodeString(texts[0])
	if err != nil {
		return "", failure(http.StatusBadRequest, "invalid argument: page_token is not one of this API")
	}
	return string(token), nil
}

func newPageToken(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

// page returns the part of all that the request asks for, and the token of the next.
// name tells an entry's name, by which a page goes on even when others come or go.
func page[T any](k *call, all []T, name func(T) string) ([]T, string, error) {
	size, err := k.pageSize(maxList, maxList)
	if err != nil {
		return nil, "", err
	}
	after, err := k.pageToken()
	if err != nil {
		return nil, "", err
	}
	begin := 0
	if after != "" {
		for begin < len(all) && name(all[begin]) != after {
			begin++
		}
		if begin == len(all) {
			return nil, "", failure(http.StatusBadRequest, "invalid argument: what page_token stands for is gone")
		}
		begin++
	}
	part := all[begin:min(begin+size, len(all))]
	if begin+len(part) == len(all) || len(part) == 0 {
		return part, "", nil
	}
	return part, newPageToken(name(part[len(part)-1])), nil
}
