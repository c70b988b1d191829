package archive

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"testing"

	"rollcall/internal/access"
)

func TestOfTwoRacingRunsOneIsRecordedAndTheOtherIsTold(t *testing.T) {
	root := archiveOf(t, 1)
	results := make([]error, 2)
	var begun, wg sync.WaitGroup
	begun.Add(len(results))
	for i := range results {
		wg.Go(func() { results[i] = race(root, fmt.Sprintf("race-%d", i), &begun) })
	}
	wg.Wait()
	if (results[0] == nil) == (results[1] == nil) {
		t.Fatalf("the runs ended with %v and %v", results[0], results[1])
	}
	if err := errors.Join(results...); !errors.Is(err, fs.ErrExist) || !strings.Contains(err.Error(), "another run committed first") {
		t.Errorf("the loser was told %v", err)
	}
	if r := mustVerify(t, root); r.Sequence != 2 || len(r.Notes) == 0 {
		t.Errorf("%+v", r)
	}
}

// race records a second night that begins when the others have begun too.
func race(root, id string, begun *sync.WaitGroup) error {
	n := fixtureNight(2)
	n.Run.ID = access.RunID(id)
	s, err := New(NewFolder(root), testKey).Begin(n.Run)
	begun.Done()
	begun.Wait()
	if err != nil {
		return err
	}
	return errors.Join(s.Facts(n), s.Finish(n, fixtureMemory(n)))
}

func TestARunWithAnOldMemoryIsNotRecorded(t *testing.T) {
	a := New(NewFolder(archiveOf(t, 2)), testKey)
	if _, err := a.Begin(fixtureNight(2).Run); err == nil || !strings.Contains(err.Error(), "another run finished meanwhile") {
		t.Errorf("begin: %v", err)
	}
}
