package archive

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"
	"time"

	"rollcall/internal/access"
)

// SignedBy checks that the end of the chain is signed with one of these keys, or with one
// that they handed over to. Nothing else of the archive is read. The first key is gone by;
// those after it are of new roots.
func (a *Archive) SignedBy(keys []ed25519.PublicKey) error {
	h, err := a.head()
	if err != nil {
		return err
	}
	if h.Sequence == 0 {
		return errors.New("the archive is empty")
	}
	s, err := a.state(h)
	if err != nil {
		return err
	}
	places := []int{1, h.Sequence}
	for _, u := range s.Upkeep { // unproven, and each place is checked
		if u.Kind == access.UpkeepKey {
			places = append(places, u.Sequence)
		}
	}
	slices.Sort(places)
	places = slices.Compact(places)
	line, err := newKeyLine(a.store, places, keys)
	if err != nil {
		return err
	}
	for _, sequence := range places {
		b, err := a.store.Read(manifestName(sequence))
		if err == nil {
			err = line.check(sequence, b)
		}
		if err != nil {
			return fmt.Errorf("%w; run: rollcall audit verify", err)
		}
	}
	return nil
}

// Ended says what a run was and how it ended.
func (p PastRun) Ended() (access.Run, error) {
	type row struct {
		StartedAt  time.Time `parquet:"started_at,optional,timestamp(millisecond)"`
		FinishedAt time.Time `parquet:"finished_at,optional,timestamp(millisecond)"`
		Mode       string    `parquet:"mode"`
		Trigger    string    `parquet:"trigger"`
		Verdict    string    `parquet:"verdict"`
		ExitCode   int64     `parquet:"exit_code"`
	}
	run := access.Run{ID: p.head.RunID}
	err := eachRow(p.archive, p.head, "runs", func(r row) {
		run.StartedAt, run.FinishedAt, run.Mode, run.Trigger = r.StartedAt, r.FinishedAt, access.Mode(r.Mode), r.Trigger
		run.Verdict, run.ExitCode = r.Verdict, int(r.ExitCode)
	})
	if err != nil {
		return run, fmt.Errorf("read back run %s: %w", p.head.RunID, err)
	}
	return run, nil
}
