package archive

import (
	"io"
	"slices"

	"github.com/parquet-go/parquet-go"

	"rollcall/internal/access"
)

// grantBatchRows is how many rows go into one column before the next column has its
// turn: few, and the dictionaries drive each other out of the cache; many, and the
// values do.
const grantBatchRows = 1 << 16

// WriteGrants writes a night's table of grants as Snapshot.Facts does, and gives the
// number of its rows. They are sorted by system, person, account, kind and
// entitlement; a row group is of one system, and has each account whole.
func WriteGrants(w io.Writer, n *access.Night) (int64, error) {
	return writeGrants(w, n, rowGroup)
}

// writeGrants makes row groups of size rows or a few more.
func writeGrants(w io.Writer, n *access.Night, size int) (int64, error) {
	all := systems(n)
	out := parquet.NewGenericWriter[GrantRow](w, append(options("grants"), parquet.PageBufferSize(pageOf(all)))...)
	line := newAssembly(out)
	for _, j := range all {
		for part := range viewGrants(n.Run.ID, j, &n.Policy).parts(size) {
			line.add(part.write)
		}
	}
	total, err := line.finish()
	if err != nil {
		return total, err
	}
	return total, out.Close()
}

// pageOf is how many bytes a column holds before it is compressed, as one page: in a
// dictionary a value is 4, so that a page is a row group. Of the rights that people
// have in common zstd sees the more repetitions, the more people are on a page.
func pageOf(all []*access.Judged) int {
	rows := 0
	for _, j := range all {
		rows = max(rows, len(j.Grants))
	}
	return max(parquet.DefaultPageBufferSize, 4*min(rows, rowGroup)+1<<16)
}

// grantPart is what one row group is made from: the grants of some accounts.
type grantPart struct {
	*grantView
	begin uint32
	ends  []uint32
}

func (p grantPart) write(group *parquet.ConcurrentRowGroupWriter) error {
	b := &grantBatch{grantView: p.grantView}
	begin := p.begin
	for _, end := range p.ends {
		b.add(p.order[begin:end])
		begin = end
		if len(b.rows) < grantBatchRows {
			continue
		}
		if err := b.flush(group); err != nil {
			return err
		}
	}
	return b.flush(group)
}

// grantBatch is some rows on their way into the columns of a row group.
type grantBatch struct {
	*grantView
	rows []uint32 // the grants
	// Of each row, its right, its carrier (0: none), and the lines of policy on which
	// it rests and by which its own verdict is.
	right, carrier, line, own []uint32
	carried                   bool            // some have a carrier
	accounts                  []ownRows       // whose the rows are
	values                    []parquet.Value // of one column
	text                      []byte          // what those of accounts are made of; columns copy it
}

// ownRows is one account's rows of a batch.
type ownRows struct {
	account uint32
	rows    int
}

// add takes the grants of one account.
func (b *grantBatch) add(block []uint32) {
	if len(block) == 0 {
		return
	}
	b.sortBlock(block)
	basis := b.basis(block)
	b.accounts = append(b.accounts, ownRows{b.j.Grants[block[0]].Account, len(block)})
	b.rows = append(b.rows, block...)
	for _, i := range block {
		g := b.j.Grants[i]
		b.carried = b.carried || g.Carrier > 0
		b.right, b.carrier = append(b.right, g.Entitlement), append(b.carrier, g.Carrier)
		b.line, b.own = append(b.line, b.grantView.line(basis(i))), append(b.own, uint32(b.j.Verdicts[i].Rule()))
	}
}

func (b *grantBatch) flush(group *parquet.ConcurrentRowGroupWriter) error {
	if len(b.rows) == 0 {
		return nil
	}
	for i, column := range group.ColumnWriters() {
		b.values, b.text = b.values[:0], b.text[:0]
		c := &grantColumns[i]
		c.fill(b)
		if _, err := column.WriteRowValues(b.values); err != nil {
			return err
		}
		if c.long {
			continue
		}
		if err := column.Flush(); err != nil {
			return err
		}
	}
	b.carried = false
	b.rows, b.right, b.carrier, b.line, b.own, b.accounts = b.rows[:0], b.right[:0], b.carrier[:0], b.line[:0], b.own[:0], b.accounts[:0]
	return nil
}

// grantColumns give the values of each column of GrantRow, in its order. The pages of
// a long one have as many rows as fit (pageOf), since many values come again; those of
// the others are a batch each, which takes less memory.
var grantColumns = [...]struct {
	fill func(*grantBatch)
	long bool
}{
	{fill: func(b *grantBatch) { b.always(b.run) }},
	{fill: func(b *grantBatch) { b.always(b.system) }},
	{fill: func(b *grantBatch) { b.look(b.rights.scope, b.right) }},
	{fill: func(b *grantBatch) { b.ofAccount(func(i uint32) string { return string(b.j.Accounts[i].ID) }) }, long: true},
	{fill: func(b *grantBatch) { b.ofAccount(func(i uint32) string { return b.j.Accounts[i].Login }) }, long: true},
	{fill: func(b *grantBatch) {
		b.ofAccount(func(i uint32) string { return string(b.j.Matches[i].Person.Source) })
	}},
	{fill: func(b *grantBatch) {
		b.ofAccount(func(i uint32) string { return string(b.j.Matches[i].Person.EmployeeID) })
	}, long: true},
	{fill: func(b *grantBatch) { b.look(b.rights.kind, b.right) }},
	{fill: func(b *grantBatch) { b.look(b.rights.id, b.right) }, long: true},
	{fill: func(b *grantBatch) { b.look(b.rights.name, b.right) }, long: true},
	{fill: func(b *grantBatch) { b.ofCarrier(b.carriers.via) }},
	{fill: (*grantBatch).direct},
	{fill: (*grantBatch).expected},
	{fill: func(b *grantBatch) { b.look(b.lines.cites, b.line) }, long: true},
	{fill: func(b *grantBatch) { b.look(b.lines.approvedBy, b.line) }},
	{fill: (*grantBatch).risk},
	{fill: (*grantBatch).lastUsed},
	{fill: (*grantBatch).firstSeen},
	{fill: func(b *grantBatch) { b.ofAccount(func(i uint32) string { return b.j.Accounts[i].Scope }) }},
	{fill: func(b *grantBatch) { b.ofCarrier(b.carriers.id) }},
	{fill: func(b *grantBatch) { b.ofCarrier(b.carriers.scope) }},
}

func (b *grantBatch) always(v parquet.Value) {
	n := len(b.rows)
	b.values = append(slices.Grow(b.values, n), v)
	for len(b.values) < n {
		b.values = append(b.values, b.values[:min(len(b.values), n-len(b.values))]...)
	}
}

// look has one value for each row, or one for all.
func (b *grantBatch) look(up []parquet.Value, at []uint32) {
	if len(up) == 1 {
		b.always(up[0])
		return
	}
	for _, i := range at {
		b.values = append(b.values, up[i])
	}
}

// ofCarrier knows that most batches have no right that another one carries.
func (b *grantBatch) ofCarrier(up []parquet.Value) {
	if !b.carried {
		b.always(up[0])
		return
	}
	b.look(up, b.carrier)
}

// ofAccount asks once for all the rows of an account.
func (b *grantBatch) ofAccount(of func(account uint32) string) {
	for _, a := range b.accounts {
		begin := len(b.text)
		b.text = append(b.text, text(of(a.account))...)
		v := parquet.ByteArrayValue(b.text[begin:])
		for range a.rows {
			b.values = append(b.values, v)
		}
	}
}

func (b *grantBatch) direct() {
	for _, carrier := range b.carrier {
		b.values = append(b.values, parquet.BooleanValue(carrier == 0))
	}
}

func (b *grantBatch) expected() {
	for _, i := range b.rows {
		b.values = append(b.values, parquet.BooleanValue(b.j.Verdicts[i].Expected()))
	}
}

// risk is the role map's word on the grant, else that on the right.
func (b *grantBatch) risk() {
	for k, rule := range b.own {
		v := b.lines.risk[rule]
		if len(v.ByteArray()) == 0 {
			v = b.rights.risk[b.right[k]]
		}
		b.values = append(b.values, v)
	}
}

// lastUsed and firstSeen are NULL where it is not known.
func (b *grantBatch) lastUsed() {
	for _, i := range b.rows {
		v := parquet.NullValue()
		if at := b.j.Grants[i].LastUsed; at != 0 {
			v = parquet.Int64Value(int64(at)*1000).Level(0, 1, 0)
		}
		b.values = append(b.values, v)
	}
}

func (b *grantBatch) firstSeen() {
	if b.j.Seen == nil {
		b.always(dated(b.j.Tonight))
		return
	}
	for _, i := range b.rows {
		b.values = append(b.values, dated(b.j.Seen[i]))
	}
}

func dated(day uint16) parquet.Value {
	if day == 0 {
		return parquet.NullValue()
	}
	return parquet.Int32Value(int32(day)).Level(0, 1, 0)
}
