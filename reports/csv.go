package reports

import (
	"bytes"
	"strings"
	"time"
)

// csvBytes is the CSV twin of a workbook: UTF-8 with a byte order mark, so
// that Excel reads the names right, CRLF, every field quoted (RFC 4180).
func (s *sheet) csvBytes() []byte {
	var b bytes.Buffer
	b.WriteString("\uFEFF")
	heads := make([]string, len(reviewColumns))
	for i, c := range reviewColumns {
		heads[i] = c.Head
	}
	writeRecord(&b, heads)
	record := make([]string, len(reviewColumns))
	for _, row := range s.rows {
		for i, c := range row {
			record[i] = neutralField(c.Text)
			if !c.Date.IsZero() {
				record[i] = c.Date.Format(time.DateOnly)
			}
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
