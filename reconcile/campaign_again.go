package reconcile

import "rollcall/internal/access"

// Of two files of one worksheet the one that came in later counts, so that an older one
// which comes in again counts for nothing. The newest may count for more the second time:
// now that it is proven who sent it, or that the lists know whom it names.

// repeated reports whether this very file came in before.
func (in *intake) repeated() bool { return in.files[in.sheet.ID+in.back.SHA256] }

// unfinished reports whether it is the newest of its worksheet, and something of it did
// not count.
func (in *intake) unfinished() bool {
	last := in.last[in.sheet.ID]
	return last.SHA256 == in.back.SHA256 && len(last.Problems) > 0
}

// news reports whether anything came of a file but that somebody answered about
// themselves, again.
func (in *intake) news() bool {
	for _, d := range in.out.Decisions {
		if d.Choice != access.ChoiceOwnCheck {
			return true
		}
	}
	return false
}

// before says that a file came in before, and what is to be done.
func (in *intake) before() *access.Problem {
	p := &access.Problem{Severity: access.Note, File: in.back.File, Says: "this very file came in before", Meanwhile: "What it said was taken in then; of two files the one that came in later counts.", Mend: "Nothing is to be done. If you meant to change an answer, save the changed file and send that."}
	if in.unfinished() {
		p.Says, p.Mend = "this very file came in before, and what is to be mended in it still is", "Mend it in the copy that was made then, and send that."
	}
	return p
}
