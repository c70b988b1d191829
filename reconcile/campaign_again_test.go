package reconcile

import (
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
)

// TestTheSameFileAgain: it counts once. What did not count of it may count the next time: with the proof of
// who sent it, or once the lists know whom it names; but never over a file that came in since.
func TestTheSameFileAgain(t *testing.T) {
	stands := access.Delegate{Reviewer: personKey("employees/9"), Delegate: personKey("employees/2"), From: dayOf(morning(1)), Until: dayOf(morning(30))}
	st := staffIn(t, aStaff, stands)
	about := func() access.CampaignRecord {
		return askedAbout(st.someone("employees/9"), st.people.Get(personKey("employees/2")))
	}
	file := func(sha, sender, decision, reason string) access.ReturnedSheet {
		return access.ReturnedSheet{Campaign: "2026-q4", Worksheet: "m", SHA256: sha, Sender: sender, Rows: []access.ReturnedRow{backWith(about(), "a", decision, reasonOf(reason))}}
	}
	const max, cid = "max@example.com", "cid@example.com"
	unproven := file("1", "", "Remove", "")
	for name, c := range map[string]struct {
		files []access.ReturnedSheet
		want  string // of the last one
	}{
		"nothing was wrong with it":                {[]access.ReturnedSheet{file("1", max, "Remove", ""), file("1", max, "Remove", "")}, "NOTE this very file came in before. Nothing is to be done"},
		"what was wrong still is":                  {[]access.ReturnedSheet{unproven, unproven}, "NOTE this very file came in before, and what is to be mended in it still is"},
		"now it is proven who sent it":             {[]access.ReturnedSheet{unproven, file("1", max, "Remove", "")}, "a Remove by Max"},
		"now it is proven that somebody else did":  {[]access.ReturnedSheet{unproven, file("1", cid, "Remove", "")}, "STOP the worksheet asks Max, and cid@example.com sent or signed it"},
		"another one came in since":                {[]access.ReturnedSheet{unproven, file("2", max, "Keep", ""), file("1", max, "Remove", "it is the older one")}, "NOTE this very file came in before. Nothing is to be done"},
		"it is the older one of two, and proven":   {[]access.ReturnedSheet{unproven, file("2", "", "Keep", ""), file("1", max, "Remove", "")}, "NOTE this very file came in before. Nothing is to be done"},
		"a second time, once it counted":           {[]access.ReturnedSheet{unproven, file("1", max, "Remove", ""), file("1", max, "Remove", "")}, "NOTE this very file came in before. Nothing is to be done"},
		"who stands in, about themselves, as ever": {[]access.ReturnedSheet{file("1", "ben@example.com", "Remove", ""), file("1", "ben@example.com", "Remove", "")}, "NOTE this very file came in before, and what is to be mended in it still is"},
	} {
		rec := about()
		in, got := NewReceiving(rec, st, CampaignRules{}), ""
		for n, f := range c.files {
			out := in.Receive(f, midnight.AddDate(0, 0, 1).Add(time.Duration(n)*time.Hour))
			if got = whatCounts(out); out.File.Refused != nil {
				got = string(out.File.Refused.Severity) + " " + out.File.Refused.Says + ". " + out.File.Refused.Mend
				if len(out.Decisions)+len(out.PassedOn) > 0 {
					t.Errorf("%s: it is refused, and %d decisions came of it", name, len(out.Decisions))
				}
			} else {
				rec = out.AddTo(rec)
			}
			if n == len(c.files)-2 { // another run begins with what the archive has
				in = NewReceiving(rec, st, CampaignRules{})
			}
		}
		if !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %s", name, got)
		}
	}
}
