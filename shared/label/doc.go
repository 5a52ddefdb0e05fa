// Package label holds the small languages in which an operator says something
// about a device's labels: the selector (which events are wanted, by their
// labels) and the rules (which labels go on, under which names, with which
// defaults). Each text is compiled once at start; what comes of it is immutable
// and safe for concurrent use.
//
// # Words
//
// Every text is a comma-separated list made of words. A word is a label's key, a
// value or a new name, written in one of two ways:
//
//   - bare: letters, marks and digits of any script (Unicode categories L, M and
//     N) and the characters - _ . / : @
//   - in double quotes: any text, empty text too, in which \" stands for a quote
//     and \\ for a backslash. There are no other escapes.
//
// White space between words is ignored, line breaks too. A key is never empty,
// a value may be. Keys and values are compared as they are: case counts, and
// there are no wildcards. A text is at most [MaxLength] bytes of valid UTF-8.
//
// DT documents neither the characters nor the lengths of labels, so any text can
// be written.
package label
