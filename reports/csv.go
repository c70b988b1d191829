package reports

import (
	"bytes"
	"strings"
)

// csvBytes is the CSV twin of a workbook: UTF-8 with a byte order mark, so
// that Excel reads the names right, CRLF, every field quoted (RFC 4180).
func (s *sheet) csvBytes() []byte {
	var b bytes.Buffer
	b.WriteString("\uFEFF")
	var heads []string
	for _, c := range s.columns {
		heads = append(heads, c.Head)
	}
	if s.campaign != nil {
		heads = append(heads, headCheck)
	}
	writeRecord(&b, heads)
	record := make([]string, len(heads))
	for r, row := range s.rows {
		for i, c := range row {
			record[i] = neutralField(c.words())
		}
		if s.campaign != nil {
			record[len(row)] = s.issued[r].MAC
		}
		writeRecord(&b, record)
	}
	return b.Bytes()
}

func writeRecord(b *bytes.Buffer, fields []string) {
	for i, f := range fields {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`"` + strings.ReplaceAll(f, `"`, `""`) + `"`)
	}
	b.WriteString("\r\n")
}
