package jobs

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"rollcall/internal/access"
	"rollcall/reconcile"
)

// Came is a file that came in.
type Came struct {
	Bytes []byte
	Cut   bool                 // it is larger than what is taken in, and Bytes are its beginning
	Sheet access.ReturnedSheet // as it was read
}

// Imported is what became of the files.
type Imported struct {
	Campaign access.Campaign
	Files    []reconcile.Received // one for each file, in order
	Progress reconcile.CampaignProgress
	Head     string // empty: nothing was new
}

// Import takes in what reviewers sent back, one file after another, and keeps none of
// them in memory. Files that came in before count once. An error of files ends it:
// nothing is recorded.
func (r *Review) Import(_ context.Context, id access.CampaignID, files iter.Seq2[Came, error]) (Imported, error) {
	rec, m, w, n, err := r.found(id)
	if err != nil {
		return Imported{}, err
	}
	staff := reconcile.StaffOf(w, w.Policy.Delegates)
	in, part := reconcile.NewReceiving(rec, staff, r.Rules), access.CampaignRecord{}
	out := Imported{}
	for f, err := range files {
		if err != nil {
			return out, err
		}
		got, err := r.take(in, rec, f)
		if err != nil {
			return out, err
		}
		out.Files = append(out.Files, got.Received)
		if got.counts {
			part.Sheets, part.Decisions, part.Files = append(part.Sheets, got.PassedOn...), append(part.Decisions, got.Decisions...), append(part.Files, got.File)
		}
	}
	if err := r.passOn(m, w, rec.Campaign, n, part.Sheets); err != nil {
		return out, err
	}
	rec = rec.With(part)
	out.Campaign, out.Progress = rec.Campaign, reconcile.Progress(rec, staff, r.Rules, r.Now())
	if len(part.Files) > 0 {
		if err := r.effects(&m, rec); err != nil {
			return out, err
		}
		part.Campaign = rec.Campaign
		out.Head, err = r.record(m, part)
	}
	return out, err
}

// taken is what became of one file, and whether it is new.
type taken struct {
	reconcile.Received
	counts bool
}

// take judges one file, keeps it as it was received, and writes what is to be mended.
func (r *Review) take(in *reconcile.Receiving, rec access.CampaignRecord, f Came) (taken, error) {
	r.Recognise(&f.Sheet, in.Asked(f.Sheet))
	got := taken{Received: in.Receive(f.Sheet, r.Now().UTC())}
	refused := got.File.Refused
	if refused == nil && len(got.File.Problems) > 0 {
		if err := r.Mend(rec.Campaign.ID, f, got.File); err != nil {
			return got, fmt.Errorf("write what is to be mended in %s (nothing is recorded; import again): %w", f.Sheet.File, err)
		}
	}
	// Else it came in before, or there is nothing of it to keep, or it is kept.
	got.counts = !f.Cut && (refused == nil || refused.Severity == access.Stop && !refusedBefore(rec, got.File))
	if !got.counts {
		return got, nil
	}
	if _, err := r.Archive.PutInput(f.Bytes); err != nil {
		return got, fmt.Errorf("keep %s as it was received: %w", f.Sheet.File, err)
	}
	return got, nil
}

// refusedBefore reports whether a file that is refused is on record.
func refusedBefore(rec access.CampaignRecord, f access.ReturnedFile) bool {
	return slices.ContainsFunc(rec.Files, func(was access.ReturnedFile) bool { return was.Refused != nil && was.SHA256 == f.SHA256 })
}

// passOn writes the worksheets of those to whom rows were passed on.
// They tell of the night that was last seen, and of what changed since the campaign
// before, as the first ones did.
func (r *Review) passOn(m access.Memory, w reconcile.World, c access.Campaign, n *access.Night, sheets []access.Sheet) error {
	if len(sheets) == 0 {
		return nil
	}
	last, err := r.before(m, c)
	if err != nil {
		return err
	}
	r.conclude(n, reconcile.Decide(w))
	if err := r.Write(Package{Campaign: c, Night: n, Last: last, Sheets: sheets}); err != nil {
		return fmt.Errorf("write the worksheets of those to whom rows were passed on (nothing is recorded; import again): %w", err)
	}
	return nil
}
