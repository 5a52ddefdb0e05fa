package dtcloud

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"sort"
	"strconv"
	"strings"
)

// maxList is how many resources a list has at most, and by default (DT: Pagination).
const maxList = 100

// pageSize returns how many entries a page is to have.
func (k *call) pageSize(most, usual int) (int, error) {
	texts := k.query("pageSize", "page_size")
	if len(texts) == 0 || texts[0] == "" {
		return usual, nil
	}
	n, err := strconv.Atoi(texts[0])
	if err != nil || n < 0 {
		return 0, failure(http.StatusBadRequest, "invalid argument: page_size %.20q is not a number above 0", texts[0])
	}
	if n == 0 {
		return usual, nil
	}
	return min(n, most), nil
}

// The kinds of page tokens: one is of no use in the other's place.
const (
	listToken    = "list "
	historyToken = "history "
)

// pageToken returns what the token of the request stands for; "" on the first page.
func (k *call) pageToken(kind string) (string, error) {
	texts := k.query("pageToken", "page_token")
	if len(texts) == 0 || texts[0] == "" {
		return "", nil
	}
	token, err := base64.RawURLEncoding.DecodeString(texts[0])
	text, ok := strings.CutPrefix(string(token), kind)
	if err != nil || !ok || text == "" {
		return "", errPageToken()
	}
	return text, nil
}

func errPageToken() error {
	return failure(http.StatusBadRequest, "invalid argument: page_token is not one of this list")
}

func newPageToken(kind, text string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(kind + text))
}

// position returns the place of something in the order of adding, as texts compare.
func position(serial uint64) string { return fmt.Sprintf("%016x", serial) }

// page returns the part of all that the request asks for, and the token of the next.
// all is sorted by key; a page goes on after the last key of the one before, also
// when that entry has gone meanwhile.
func page[T any](k *call, all []T, key func(T) string) ([]T, string, error) {
	size, err := k.pageSize(maxList, maxList)
	if err != nil {
		return nil, "", err
	}
	after, err := k.pageToken(listToken)
	if err != nil {
		return nil, "", err
	}
	begin := sort.Search(len(all), func(i int) bool { return key(all[i]) > after })
	part := all[begin:min(begin+size, len(all))]
	if begin+len(part) == len(all) {
		return part, "", nil
	}
	return part, newPageToken(listToken, key(part[len(part)-1])), nil
}
