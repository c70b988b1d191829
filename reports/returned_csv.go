package reports

import (
	"rollcall/internal/access"
	"rollcall/internal/csvfile"
)

// returnedForm is what a CSV that comes back looks like, whatever separator and
// letters it was saved with.
func returnedForm() csvfile.Form {
	f := csvfile.Form{MaxBytes: maxReturned, Renamed: mendAgain}
	for _, c := range campaignColumns {
		f.Columns = append(f.Columns, csvfile.Column{Name: c.Head, Required: !c.Answer || c.Head == headDecision})
	}
	f.Columns = append(f.Columns, csvfile.Column{Name: headCheck})
	return f
}

func readCSV(back *access.ReturnedSheet, b []byte) *access.Problem {
	s, problems := csvfile.Open(back.File, b, returnedForm())
	if len(problems) > 0 {
		return &problems[0]
	}
	if s.Most > maxRows {
		return refused(mendAgain, "The file has more than %d rows.", maxRows)
	}
	columns := findColumns(s.Names())
	wrong := csvfile.Lines(s, func(line int, raw []string) {
		r, ok := columns.row(line, func(at int) cellBack {
			return cellBack{raw[at], len(raw[at]) > 0 && raw[at][0] == '='}
		})
		if ok {
			back.Rows = append(back.Rows, r)
		}
	})
	if wrong != nil {
		return wrong
	}
	return identified(back.Rows)
}
