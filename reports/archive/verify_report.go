package archive

import (
	"fmt"
	"time"

	"rollcall/internal/access"
)

// Report is what verification found. Faults are ordered: manifests by
// sequence, then files by path.
type Report struct {
	Manifests int // that verified
	Files     int // listed files that were checked
	Bytes     int64
	Rows      int64 // of the tables that verified

	// The end of the chain as it is in the archive. A chain that was cut short
	// is a sound chain: compare these with the head that was printed or mailed
	// when the last run finished.
	Sequence int
	SHA256   string
	RunID    access.RunID

	Faults []Fault
	Notes  []string // what no manifest speaks for, such as the files of a run that died

	// Nights counts the runs that were a night, Missing the days without one.
	Nights   int
	Zone     string // in which days were counted
	From, To string // the first and the last day that had to have a night
	Missing  []MissingNights
	// Keys are the changes of the signing key, oldest first.
	Keys []Handover
	// Expired are the runs that let go of data about people, oldest first.
	Expired []ExpiredRun
}

// OK reports whether nothing was found wrong.
func (r *Report) OK() bool { return len(r.Faults) == 0 }

// ExpiredRun is a run that let go of what others recorded of people: of that only its
// SHA-256 is known.
type ExpiredRun struct {
	RunID   access.RunID
	At      time.Time
	By      string
	Reason  string
	Before  string // the day
	Files   int
	Runs    int // whose data it was
	Pending int // files that are there still
}

// Fault is one thing that is wrong with one file. RunID and WrittenAt name the run that
// vouched for the file first, SoundIn and SoundAt the last that found it as it was
// written: it came to be after that, and before NextIn, where the file system dates it so.
// They are empty when what would say so is itself at fault.
type Fault struct {
	Path      string
	Says      string
	RunID     access.RunID
	WrittenAt time.Time
	SoundIn   access.RunID
	SoundAt   time.Time
	ChangedAt time.Time // as the file system has it: it can be forged, and a copy has its own
	AfterRun  access.RunID
	BeforeRun access.RunID // empty: after the newest
}

func (f Fault) String() string {
	if f.RunID == "" {
		return f.Path + ": " + f.Says
	}
	says := fmt.Sprintf("%s: %s (sound when run %s wrote it, %s", f.Path, f.Says, f.RunID, f.WrittenAt.Format(time.RFC3339))
	if f.SoundIn != f.RunID && f.SoundIn != "" {
		says += fmt.Sprintf("; last known to be sound by run %s, %s", f.SoundIn, f.SoundAt.Format(time.RFC3339))
	}
	if !f.ChangedAt.IsZero() {
		says += fmt.Sprintf("; this disk dates the change %s, after run %s", f.ChangedAt.UTC().Format(time.RFC3339), f.AfterRun)
		if f.BeforeRun != "" {
			says += fmt.Sprintf(" and before run %s", f.BeforeRun)
		}
	}
	return says + ")"
}
