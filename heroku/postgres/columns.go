package postgres

import (
	"bytes"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/dt-functions/dt-functions/shared/sink"
)

// columns are messages as the arrays that insertEvents takes.
type columns struct {
	ids, devices, eventTypes, deviceTypes, projects, deadLetters []string
	recovered, isJSON                                            []bool
	contents                                                     [][]byte
}

func newColumns(msgs []sink.Message) columns {
	n := len(msgs)
	texts := make([]string, 6*n)
	flags := make([]bool, 2*n)
	c := columns{
		ids: texts[:n:n], devices: texts[n : 2*n : 2*n], eventTypes: texts[2*n : 3*n : 3*n],
		deviceTypes: texts[3*n : 4*n : 4*n], projects: texts[4*n : 5*n : 5*n], deadLetters: texts[5*n:],
		recovered: flags[:n:n], isJSON: flags[n:],
		contents: make([][]byte, n),
	}
	for i := range msgs {
		m := &msgs[i]
		c.ids[i], c.devices[i] = text(m.ID), text(m.Key)
		c.eventTypes[i], c.deviceTypes[i] = text(m.Attributes.EventType), text(m.Attributes.DeviceType)
		c.projects[i], c.deadLetters[i] = text(m.Attributes.ProjectID), text(m.Attributes.DeadLetter)
		c.recovered[i] = m.Attributes.Recovered
		c.isJSON[i] = readable(m.Data)
		c.contents[i] = m.Data
		if m.Data == nil {
			c.contents[i] = []byte{} // nil would be NULL
		}
	}
	return c
}

// params are the values of a statement's parameters as they go over the wire.
type params struct {
	values  [][]byte
	types   []uint32
	formats []int16
}

// params returns the arrays in PostgreSQL's binary form. As texts, bytes would be
// twice as long and quotation marks escaped.
func (c columns) params(types *pgtype.Map) (params, error) {
	var p params
	for _, array := range []struct {
		oid   uint32
		value any
	}{
		{pgtype.TextArrayOID, c.ids},
		{pgtype.TextArrayOID, c.devices},
		{pgtype.TextArrayOID, c.eventTypes},
		{pgtype.TextArrayOID, c.deviceTypes},
		{pgtype.TextArrayOID, c.projects},
		{pgtype.BoolArrayOID, c.recovered},
		{pgtype.TextArrayOID, c.deadLetters},
		{pgtype.BoolArrayOID, c.isJSON},
		{pgtype.ByteaArrayOID, c.contents},
	} {
		value, err := types.Encode(array.oid, pgtype.BinaryFormatCode, array.value, nil)
		if err != nil {
			return params{}, err
		}
		p.values = append(p.values, value)
		p.types = append(p.types, array.oid)
		p.formats = append(p.formats, pgtype.BinaryFormatCode)
	}
	return p, nil
}

// text returns s as PostgreSQL's type text takes it, which has no character
// U+0000.
func text(s string) string {
	return strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", "\uFFFD"), "\uFFFD")
}

// maxDepth is how deep JSON may be nested. DT's events have 5 levels; PostgreSQL
// gives up at some thousands, depending on its stack.
const maxDepth = 128

// readable tells whether PostgreSQL can read data as JSON, now and when it is
// queried: a row that it could not read would fail every query that meets it. It
// wants UTF-8, whole surrogate pairs, and no character U+0000.
func readable(data []byte) bool {
	return !bytes.Contains(data, []byte(`\u0000`)) && depth(data) <= maxDepth &&
		jsontext.Value(data).IsValid(jsontext.AllowDuplicateNames(true))
}

// depth returns how deep data is nested, or more where texts have brackets.
func depth(data []byte) int {
	deepest, now := 0, 0
	for _, b := range data {
		switch b {
		case '{', '[':
			now++
			deepest = max(deepest, now)
		case '}', ']':
			now--
		}
	}
	return deepest
}
