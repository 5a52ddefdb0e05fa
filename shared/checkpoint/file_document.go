package checkpoint

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
)

// ErrDamaged means that what a store holds under a key is not what was saved there:
// it was changed, cut or exchanged by something else. It is neither returned nor
// overwritten.
var ErrDamaged = errors.New("the checkpoint is damaged, or not one of this key: restore it from a backup, or remove it to begin anew")

// A document's file is a line of text, for the revision and for noticing any
// change, and then the document as it is. In the line are, each after a space:
// magic, the revision, the key as a Go string in ASCII, and in hexadecimal the
// SHA-256 of all other bytes of the file.
const magic = "dt-functions-checkpoint-1"

// maxDocumentFile is more bytes than encode returns: a byte of a key takes at most 4
// in a Go string (\x01), and the rest of the line is less than a kilobyte.
const maxDocumentFile = MaxSize + 4*maxKey + 1024

// encode returns the file of a document. A revision has no white space.
func encode(key, revision string, data []byte) []byte {
	head := fmt.Sprintf("%s %s %+q ", magic, revision, key)
	sum := sha256.New()
	sum.Write([]byte(head + "\n"))
	sum.Write(data)
	file := fmt.Appendf(make([]byte, 0, len(head)+2*sha256.Size+1+len(data)), "%s%x\n", head, sum.Sum(nil))
	return append(file, data...)
}

// decode returns the document that is in a file, or ErrDamaged if encode did not
// make all of it for this key.
func decode(key string, file []byte) (Document, error) {
	line, data, _ := bytes.Cut(file, []byte("\n"))
	fields := strings.SplitN(string(line), " ", 3)
	if len(fields) < 3 || fields[1] == "" || !bytes.Equal(file, encode(key, fields[1], data)) {
		return Document{}, ErrDamaged
	}
	return Document{Data: data, Revision: fields[1]}, nil
}
