package archive

import (
	"hash/maphash"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"

	"rollcall/reconcile"
)

// rows says in what rows two files of one table differ. A column that only one of them
// has is not compared: rollcall added it later.
func (c *Compared) rows(was, is []byte, t judgedTable) error {
	recorded, err := openRows(was)
	if err != nil {
		return err
	}
	anew, err := openRows(is)
	if err != nil {
		return err
	}
	both := slices.DeleteFunc(slices.Clone(recorded.columns), func(n string) bool { return !slices.Contains(anew.columns, n) })
	left, right, err := apart(recorded, anew, both)
	if err != nil {
		return err
	}
	if len(t.words) == 0 {
		t.words = t.key
	}
	c.pair(left, right, t, both)
	c.Same = c.Count == 0
	return nil
}

// apart gives the rows that only one of two tables has.
func apart(recorded, anew *rowsOfFile, columns []string) (left, right []map[string]string, err error) {
	seed := maphash.MakeSeed()
	sum := func(row map[string]string) uint64 {
		var h maphash.Hash
		h.SetSeed(seed)
		for _, name := range columns {
			_, _ = h.WriteString(row[name]) // a hash takes everything
			_ = h.WriteByte(0)
		}
		return h.Sum64()
	}
	count := map[uint64]int{}
	if err := recorded.each(func(row map[string]string) { count[sum(row)]++ }); err != nil {
		return nil, nil, err
	}
	err = anew.each(func(row map[string]string) {
		if k := sum(row); count[k] > 0 {
			count[k]--
		} else {
			right = append(right, row)
		}
	})
	if err == nil {
		err = recorded.each(func(row map[string]string) {
			if k := sum(row); count[k] > 0 {
				count[k]--
				left = append(left, row)
			}
		})
	}
	return left, right, err
}

// pair tells of each row that only one table has in what it differs from the other's
// row of the same name, if there is one.
func (c *Compared) pair(left, right []map[string]string, t judgedTable, columns []string) {
	name := func(row map[string]string, of []string) string {
		var parts []string
		for _, n := range of {
			if row[n] != "" {
				parts = append(parts, row[n])
			}
		}
		return strings.Join(parts, " ")
	}
	others := map[string][]map[string]string{}
	for _, row := range right {
		others[name(row, t.key)] = append(others[name(row, t.key)], row)
	}
	for _, row := range left {
		what := t.word + " " + name(row, t.words)
		twins := others[name(row, t.key)]
		if len(twins) == 0 {
			c.tell(reconcile.Unlike{What: what, Recorded: "there"})
			continue
		}
		others[name(row, t.key)] = twins[1:]
		for _, n := range columns {
			if row[n] != twins[0][n] {
				c.tell(reconcile.Unlike{What: what, Field: n, Recorded: row[n], Anew: twins[0][n]})
			}
		}
	}
	var rest []string
	for _, rows := range others {
		for _, row := range rows {
			rest = append(rest, t.word+" "+name(row, t.words))
		}
	}
	slices.Sort(rest)
	for _, what := range rest {
		c.tell(reconcile.Unlike{What: what, Anew: "there"})
	}
}

func (c *Compared) tell(u reconcile.Unlike) {
	if c.Count++; c.Count <= mostUnlike {
		c.Unlike = append(c.Unlike, u)
	}
}

// rowsOfFile are the rows of a file as text, by column.
type rowsOfFile struct {
	file    *parquet.File
	columns []string
}

func openRows(b []byte) (*rowsOfFile, error) {
	file, err := openWithPages(b)
	if err != nil {
		return nil, err
	}
	r := &rowsOfFile{file: file}
	for _, c := range file.Schema().Columns() {
		r.columns = append(r.columns, strings.Join(c, "."))
	}
	return r, nil
}

func (r *rowsOfFile) each(take func(map[string]string)) error {
	some := make([]parquet.Row, 256)
	for _, group := range r.file.RowGroups() {
		rows := group.Rows()
		for {
			n, err := rows.ReadRows(some)
			for _, row := range some[:n] {
				one := make(map[string]string, len(row))
				for _, v := range row {
					one[r.columns[v.Column()]] = r.text(v)
				}
				take(one)
			}
			if err == io.EOF {
				break
			}
			if err != nil {
				_ = rows.Close() // it was only read
				return err
			}
		}
		if err := rows.Close(); err != nil {
			return err
		}
	}
	return nil
}

// text is a value as people read it.
func (r *rowsOfFile) text(v parquet.Value) string {
	if v.IsNull() {
		return ""
	}
	name := r.columns[v.Column()]
	switch {
	case strings.HasSuffix(name, "_at"):
		return time.UnixMilli(v.Int64()).UTC().Format("2006-01-02T15:04:05.999Z")
	case strings.HasSuffix(name, "_on") && v.Kind() == parquet.Int32:
		return time.Unix(int64(v.Int32())*24*60*60, 0).UTC().Format(time.DateOnly)
	}
	return strings.Clone(v.String())
}
