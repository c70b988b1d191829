package archive

import (
	"cmp"
	"sync/atomic"

	"github.com/parquet-go/parquet-go"
)

// lanes is how many row groups are in the making at once. More would cost memory,
// and the file is the same whatever it is.
const lanes = 2

// assembly makes row groups side by side and puts them into the file in the order
// in which they were added.
type assembly struct {
	free  chan *parquet.ConcurrentRowGroupWriter
	ahead <-chan struct{} // closed once all before are in the file, or failed

	total  int64 // of the group whose turn it is, as is err
	err    error
	failed atomic.Bool // nothing that follows is of use
}

func newAssembly(out *parquet.GenericWriter[GrantRow]) *assembly {
	ahead := make(chan struct{})
	close(ahead)
	a := &assembly{free: make(chan *parquet.ConcurrentRowGroupWriter, lanes), ahead: ahead}
	for range lanes {
		a.free <- out.BeginRowGroup()
	}
	return a
}

// add waits until there is room for one more row group.
func (a *assembly) add(write func(*parquet.ConcurrentRowGroupWriter) error) {
	group, ahead, done := <-a.free, a.ahead, make(chan struct{})
	a.ahead = done
	go func() {
		defer close(done)
		defer func() { a.free <- group }()
		var err error
		if !a.failed.Load() {
			err = write(group)
		}
		<-ahead
		if a.err = cmp.Or(a.err, err); a.err == nil {
			var n int64
			n, a.err = group.Commit()
			a.total += n
		}
		a.failed.Store(a.err != nil)
	}()
}

func (a *assembly) finish() (int64, error) {
	<-a.ahead
	return a.total, a.err
}
