package roster

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/access"
)

func TestDecodeGivesBackExactlyWhatWasEncoded(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	pieces := []string{"a", `"`, ",", "\n", " ", "=", "é", "\u00a0", ";", "\\.", "'", "\t", "😀", "#"}
	text := func() string {
		var s strings.Builder
		for range rng.IntN(6) {
			s.WriteString(pieces[rng.IntN(len(pieces))])
		}
		return s.String()
	}
	day := func() access.Day {
		at := time.Unix(rng.Int64N(4_000_000_000), 0).UTC()
		switch rng.IntN(3) {
		case 0:
			return access.Day{}
		case 1:
			return access.Day{At: at, Exact: true}
		}
		return access.Day{At: at.Truncate(24 * time.Hour)}
	}
	for range 500 {
		var rows []access.Identity
		for range rng.IntN(5) {
			rows = append(rows, access.Identity{
				Source: access.Source(text()), EmployeeID: access.EmployeeID(text()), Email: text(), Name: text(), Title: text(),
				Department: text(), ManagerID: access.EmployeeID(text()), WorkerType: text(), Status: access.Status(text()),
				StartDate: day(), EndDate: day(), LastWorkingDay: day(), TimeZone: text(), Aliases: text(), Row: rng.IntN(9), Problem: text(),
			})
		}
		roundTrip(t, rows)
	}
}

func roundTrip(t *testing.T, rows []access.Identity) {
	t.Helper()
	b, err := Encode(rows)
	if err != nil {
		t.Fatal(err)
	}
	back, err := Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(rows, back); d != "" {
		t.Fatalf("%s\n%s", d, b)
	}
}

func TestEncodeRefusesWhatWouldNotComeBack(t *testing.T) {
	for name, row := range map[string]access.Identity{
		"carriage return":   {Name: "a\r\nb"},
		"one by itself":     {Name: "a\rb"},
		"part of a second":  {EndDate: access.Day{At: time.Unix(1, 5).UTC(), Exact: true}},
		"a date with hours": {EndDate: access.Day{At: time.Unix(3600, 0).UTC()}},
	} {
		if _, err := Encode([]access.Identity{row}); err == nil {
			t.Errorf("%s: encoded", name)
		}
	}
}

func TestDecodeRefusesWhatIsNoArchivedRoster(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":        "",
		"columns absent": "employee_id,email\nE1,a@example.com\n",
		"cut off":        "employee_id\n\"E1",
	} {
		if rows, err := Decode([]byte(text)); err == nil {
			t.Errorf("%s: decoded %v", name, rows)
		}
	}
}
