package phrase

import "testing"

func TestOneIsOneAndTheRestAreMany(t *testing.T) {
	for want, got := range map[string]string{
		"0 accounts": Counted(0, "account"), "1 account": Counted(1, "account"), "2 accounts": Counted(2, "account"),
		"0 people": Counted(0, "person"), "1 person": Counted(1, "person"), "12 people": Counted(12, "person"),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestWhatIsTooLongEndsWithinItsCharacters(t *testing.T) {
	for in, want := range map[string]string{"": "", "Zoë": "Zoë", "Zoëy": "Zoëy", "Zoë Lê": "Zoë…", "日本語文字": "日本語…"} {
		if got := Clip(in, 4); got != want {
			t.Errorf("Clip(%q, 4) = %q, want %q", in, got, want)
		}
	}
}

func TestAnAddressIsSaidWhereItSaysMoreThanTheName(t *testing.T) {
	for want, got := range map[string]string{
		"Ann Lee <ann@example.com>": Named("Ann Lee", "ann@example.com"),
		"Ann Lee":                   Named("Ann Lee", ""),
		"ann@example.com":           Named("ann@example.com", "ann@example.com"),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
