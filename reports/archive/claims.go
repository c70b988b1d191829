package archive

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"
)

// parquet-go takes the memory that a table says it needs before it looks whether the
// table holds as much: some altered bytes are then a night that ends for want of memory,
// which nothing recovers from. So what a table claims is held against its size first.

// tableEnd is what a table ends with: how long its index is, and PAR1.
const tableEnd = 8

// footerClaims refuses an index that claims more than the table holds. What else may be
// wrong with it parquet-go finds.
func footerClaims(r io.ReaderAt, size int64) error {
	var end [tableEnd]byte
	if size < tableEnd {
		return fmt.Errorf("it has %d bytes, too few for a table", size)
	}
	if _, err := r.ReadAt(end[:], size-tableEnd); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if string(end[4:]) != "PAR1" {
		return errors.New("it does not end as a table does")
	}
	length := int64(binary.LittleEndian.Uint32(end[:4]))
	if length > size-tableEnd {
		return fmt.Errorf("its index cannot be right: it claims %d bytes in a file of %d", length, size)
	}
	return thriftAt(r, size, size-tableEnd-length, length)
}

// pageClaims is footerClaims for the indexes of pages, which the index points to.
func pageClaims(r io.ReaderAt, size int64, file *parquet.File) error {
	for _, group := range file.Metadata().RowGroups {
		for _, c := range group.Columns {
			if err := errors.Join(
				thriftAt(r, size, c.ColumnIndexOffset, int64(c.ColumnIndexLength)),
				thriftAt(r, size, c.OffsetIndexOffset, int64(c.OffsetIndexLength)),
			); err != nil {
				return err
			}
		}
	}
	return nil
}

func thriftAt(r io.ReaderAt, size, from, length int64) error {
	if from < 0 || length < 0 || length > size || from > size-length {
		return fmt.Errorf("its index cannot be right: it points to %d bytes from %d on in a file of %d", length, from, size)
	}
	if length == 0 {
		return nil
	}
	b := make([]byte, length)
	if _, err := r.ReadAt(b, from); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	w := thriftWalk{rest: b}
	if w.structure(0); w.claims != nil {
		return fmt.Errorf("its index cannot be right: %w", w.claims)
	}
	return nil
}

// The types of Thrift's compact protocol,
// https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
const (
	thriftTrue = iota + 1
	thriftFalse
	thriftByte
	thriftI16
	thriftI32
	thriftI64
	thriftDouble
	thriftBinary
	thriftList
	thriftSet
	thriftMap
	thriftStruct
)

// deepestIndex is far below what Parquet's index nests.
const deepestIndex = 32

// thriftWalk goes through what Thrift wrote and takes nothing in: it ends at the first
// claim of more than there is. It judges nothing else.
type thriftWalk struct {
	rest   []byte
	claims error
}

func (w *thriftWalk) structure(depth int) {
	for w.claims == nil {
		head := w.byte()
		if w.claims != nil || head == 0 {
			return
		}
		if head>>4 == 0 {
			w.varint() // the number of the field, where it is not told by the step
		}
		if kind := head & 0xF; kind != thriftTrue && kind != thriftFalse { // which are their own value
			w.value(kind, depth+1)
		}
	}
}

func (w *thriftWalk) value(kind byte, depth int) {
	switch {
	case depth > deepestIndex:
		w.claims = errors.New("it nests without end")
	case kind == thriftTrue, kind == thriftFalse, kind == thriftByte:
		w.skip(1)
	case kind == thriftI16, kind == thriftI32, kind == thriftI64:
		w.varint()
	case kind == thriftDouble:
		w.skip(8)
	case kind == thriftBinary:
		w.skip(w.varint())
	case kind == thriftList, kind == thriftSet:
		w.list(depth)
	case kind == thriftMap:
		w.pairs(depth)
	case kind == thriftStruct:
		w.structure(depth)
	default:
		w.claims = fmt.Errorf("it holds a value of the type %d, which there is not", kind)
	}
}

func (w *thriftWalk) list(depth int) {
	head := w.byte()
	n := uint64(head >> 4)
	if n == 15 {
		n = w.varint()
	}
	w.each(n, depth, head&0xF)
}

func (w *thriftWalk) pairs(depth int) {
	n := w.varint()
	if n == 0 {
		return
	}
	kinds := w.byte()
	w.each(n, depth, kinds>>4, kinds&0xF)
}

// each goes through n items of values of those types, which have a byte each at least.
func (w *thriftWalk) each(n uint64, depth int, kinds ...byte) {
	if w.claims == nil && n > uint64(len(w.rest)) {
		w.claims = fmt.Errorf("it claims %d values in %d bytes", n, len(w.rest))
	}
	for ; n > 0 && w.claims == nil; n-- {
		for _, kind := range kinds {
			w.value(kind, depth+1)
		}
	}
}

func (w *thriftWalk) byte() byte {
	if len(w.rest) == 0 {
		w.skip(1)
		return 0
	}
	b := w.rest[0]
	w.rest = w.rest[1:]
	return b
}

func (w *thriftWalk) varint() uint64 {
	v, n := binary.Uvarint(w.rest)
	if n <= 0 {
		w.claims = errors.Join(w.claims, errors.New("a number in it does not end"))
		return 0
	}
	w.rest = w.rest[n:]
	return v
}

func (w *thriftWalk) skip(n uint64) {
	if n > uint64(len(w.rest)) {
		if w.claims == nil {
			w.claims = fmt.Errorf("it claims %d bytes more and has %d", n, len(w.rest))
		}
		return
	}
	w.rest = w.rest[n:]
}
