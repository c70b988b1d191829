package phrase

import (
	"testing"
	"time"
)

// says fails where what is said is not what is wanted.
func says(t *testing.T, saidFor map[string]string) {
	t.Helper()
	for want, got := range saidFor {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestOneIsOneAndTheRestAreMany(t *testing.T) {
	says(t, map[string]string{
		"0 accounts": Counted(0, "account"), "1 account": Counted(1, "account"), "2 accounts": Counted(2, "account"),
		"0 people": Counted(0, "person"), "1 person": Counted(1, "person"), "12 people": Counted(12, "person"),
	})
}

func TestWhatIsTooLongEndsWithinItsCharacters(t *testing.T) {
	for in, want := range map[string]string{"": "", "Zoë": "Zoë", "Zoëy": "Zoëy", "Zoë Lê": "Zoë…", "日本語文字": "日本語…"} {
		if got := Clip(in, 4); got != want {
			t.Errorf("Clip(%q, 4) = %q, want %q", in, got, want)
		}
	}
}

func TestAnAddressIsSaidWhereItSaysMoreThanTheName(t *testing.T) {
	says(t, map[string]string{
		"Ann Lee <ann@example.com>": Named("Ann Lee", "ann@example.com"),
		"Ann Lee":                   Named("Ann Lee", ""),
		"ann@example.com":           Named("ann@example.com", "ann@example.com"),
	})
}

func TestManyNamesAreTheFirstFewAndANumber(t *testing.T) {
	all := []string{"a", "b", "c", "d"}
	says(t, map[string]string{
		"": AndMore(nil, 2), "a": AndMore(all[:1], 2), "a, b": AndMore(all[:2], 2), "a, b and 1 more": AndMore(all[:3], 2), "a, b and 2 more": AndMore(all, 2),
	})
}

func TestTheLastNameIsJoinedByAnAnd(t *testing.T) {
	all := []string{"a", "b", "c"}
	says(t, map[string]string{"": Listed(nil), "a": Listed(all[:1]), "a and b": Listed(all[:2]), "a, b and c": Listed(all)})
}

func TestTwoRemarksAreJoinedAndOneStandsAlone(t *testing.T) {
	for _, tt := range [][3]string{{"a", "b", "a; b"}, {"a", "", "a"}, {"", "b", "b"}, {"", "", ""}} {
		if got := Both(tt[0], tt[1]); got != tt[2] {
			t.Errorf("%q and %q: %q", tt[0], tt[1], got)
		}
	}
}

func TestASentenceBeginsLargeAndEndsOnce(t *testing.T) {
	for in, want := range map[string]string{
		"":               "",
		" ":              "",
		"it is so":       "It is so.",
		" ärgerlich. ":   "Ärgerlich.",
		"who? ":          "Who?",
		"stop!":          "Stop!",
		"ann@x.example":  "ann@x.example.",
		"a.csv is empty": "a.csv is empty.",
		"/a is empty":    "/a is empty.",
		"note: it is so": "Note: it is so.",
		"\xff":           "\xff.",
	} {
		if got := Sentence(in); got != want {
			t.Errorf("Sentence(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestAMomentIsSaidInUTC(t *testing.T) {
	at := time.Date(2026, 11, 5, 0, 2, 3, 0, time.FixedZone("x", 3600))
	if day, minute := Day(at), Minute(at); day != "2026-11-04" || minute != "2026-11-04 23:02 UTC" {
		t.Error(day, minute)
	}
}

func TestALineCannotBeBrokenOrTurnedAround(t *testing.T) {
	for in, want := range map[string]string{
		" a\tb\r\n\u2028\u00a0c ":               "a b c",
		"a\x00b\x1b[31mc\u0085d":                "ab[31mc d",
		"a\u202eb\u2066\u200f\ufeffc\U000e0041": "abc",
		"a\xff\ufffe":                           "a\ufffd\ufffd",
		"Zoë 日本語":                               "Zoë 日本語",
	} {
		if got := OneLine(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}
