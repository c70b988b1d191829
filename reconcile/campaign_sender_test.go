package reconcile

import (
	"testing"

	"rollcall/internal/access"
)

// TestWhoAFileIsFrom: by an address, an id or the whole name.
func TestWhoAFileIsFrom(t *testing.T) {
	st := staffIn(t, aStaff)
	max, kim, help := st.someone("employees/9"), st.someone("employees/8"), asked{name: "Help", mail: "help@example.com"}
	for _, c := range []struct {
		text    string
		who     asked
		is      bool
		another bool // plainly somebody else
	}{
		{"", max, false, false}, {" ", max, false, false}, {"", asked{}, false, false}, {"max", max, true, false}, {"Max <MAX@example.com>", max, true, false}, {"9", max, true, false}, {" 9 ", max, true, false}, {"employees/9", max, true, false},
		{"Max <sky@example.com>", max, false, true}, {"Sky", max, false, true}, {"10", max, false, true}, {"Ma", max, false, false}, {"Ann", max, false, false}, {"Help", max, false, false}, {"sam@example.com", max, false, false},
		{"kim@agency.example.com", kim, true, false}, {"help@example.com", help, true, false}, {"max@example.com", help, false, true}, {"Help", help, true, false}, {"/", asked{name: "Cora"}, false, false},
	} {
		if got := st.means(c.text, c.who); got != c.is {
			t.Errorf("%q means %s: %t", c.text, c.who.name, got)
		}
		if got := st.anotherPerson(c.text, c.who); got != c.another {
			t.Errorf("%q is another than %s: %t", c.text, c.who.name, got)
		}
	}
}

// TestWhoMaySendAFile says who answers, and whether it is certain that it is them.
func TestWhoMaySendAFile(t *testing.T) {
	stands := func(of string) access.Delegate {
		return access.Delegate{Reviewer: personKey(of), Delegate: personKey("employees/2"), From: dayOf(morning(1)), Until: dayOf(morning(30))}
	}
	for name, c := range map[string]struct {
		of             string
		stands         bool
		sender, signed string
		by             string // "": the file is refused
		sure           bool
	}{
		"the reviewer": {"employees/9", false, "max@example.com", "", "Max", true},
		"the reviewer, whom somebody could stand in for": {"employees/9", true, "max@example.com", "", "Max", true},
		"nobody knows who":                              {"employees/9", false, "", "", "Max", false},
		"nobody knows who, and somebody stands in":      {"employees/9", true, "", "", "Max", false},
		"who stands in":                                 {"employees/9", true, "ben@example.com", "", "Ben", true},
		"who stands in signed it":                       {"employees/9", true, "", "Ben", "Ben", true},
		"who stands in signed what the reviewer sent":   {"employees/9", true, "max@example.com", "Ben", "Max", true},
		"who stands in signed what a stranger sent":     {"employees/9", true, "sky@example.com", "Ben", "", false},
		"who would stand in, and does not":              {"employees/9", false, "ben@example.com", "", "", false},
		"a stranger":                                    {"employees/9", true, "sky@example.com", "", "", false},
		"a stranger signed it":                          {"employees/9", false, "", "Sky", "", false},
		"somebody signed it whom nobody knows":          {"employees/9", false, "", "M.", "Max", false},
		"the reviewer has left":                         {"employees/4", false, "dee@example.com", "", "", false},
		"the reviewer has left, and nobody says who":    {"employees/4", false, "", "", "", false},
		"the reviewer has left, and somebody stands in": {"employees/4", true, "", "", "Ben", true},
	} {
		var by []access.Delegate
		if c.stands {
			by = append(by, stands(c.of))
		}
		st := staffIn(t, aStaff, by...)
		who := st.someone(c.of)
		in := &intake{Receiving: &Receiving{st: st}, now: midnight, back: access.ReturnedSheet{Sender: c.sender, SignedBy: c.signed},
			sheet: &issuedSheet{Sheet: access.Sheet{Reviewer: who.key, ReviewerName: who.name, ReviewerMail: who.mail}}}
		refused := in.sender()
		if (refused != nil) != (c.by == "") || refused == nil && (in.by.name != c.by || in.sure != c.sure) {
			t.Errorf("%s: by %s (%t), refused %v", name, in.by.name, in.sure, refused)
		}
	}
}
