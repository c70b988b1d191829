package zones

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestEveryZoneOfTheTableCanBeUsed(t *testing.T) {
	count := 0
	for name, f := range files() {
		b, err := read(name)
		if err != nil || !strings.HasPrefix(string(b), "TZif") {
			if err != nil {
				t.Errorf("%s: %v", f.Name, err)
			}
			continue
		}
		count++
		if z, err := Load(name); err != nil || z.String() != name {
			t.Errorf("%s: %v, %v", name, z, err)
		}
	}
	if count < 590 {
		t.Errorf("the table has %d zones", count)
	}
}

// Hours that IANA's database gives: summer in the south is winter in the north, half an
// hour, and a rule of this year's.
func TestAZoneHasItsHours(t *testing.T) {
	at := func(s string) time.Time {
		when, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	for _, tt := range []struct{ zone, at, local string }{
		{"Europe/Amsterdam", "2026-01-15T12:00:00Z", "2026-01-15 13:00 CET"},
		{"Europe/Amsterdam", "2026-07-15T12:00:00Z", "2026-07-15 14:00 CEST"},
		{"Europe/Amsterdam", "2040-07-15T12:00:00Z", "2040-07-15 14:00 CEST"}, // beyond what is listed, by its rule
		{"America/New_York", "2026-03-08T07:00:00Z", "2026-03-08 03:00 EDT"},
		{"Asia/Kolkata", "2026-03-08T07:00:00Z", "2026-03-08 12:30 IST"},
		{"Pacific/Auckland", "2026-01-01T00:00:00Z", "2026-01-01 13:00 NZDT"},
		{"US/Eastern", "2026-01-01T00:00:00Z", "2025-12-31 19:00 EST"}, // an old name
		{"UTC", "2026-01-01T00:00:00Z", "2026-01-01 00:00 UTC"},
	} {
		z, err := Load(tt.zone)
		if err != nil {
			t.Errorf("%s: %v", tt.zone, err)
		} else if got := at(tt.at).In(z).Format("2006-01-02 15:04 MST"); got != tt.local {
			t.Errorf("%s in %s is %s, want %s", tt.at, tt.zone, got, tt.local)
		}
	}
}

func TestWhatIsNoZoneIsNone(t *testing.T) {
	for _, name := range []string{"", "Local", "Europe", "Europe/", "europe/amsterdam", "Europe/Amsterdam ", "../zoneinfo/UTC", "/etc/localtime", "tzdata.zi", "zone.tab", "__init__.py", "right/Europe/Amsterdam", "Mars/Olympus"} {
		if z, err := Load(name); err == nil {
			t.Errorf("%q is %v", name, z)
		}
	}
}

// pinned is what tools/requirements-zones.txt says of the table: version and digest.
var pinned = regexp.MustCompile(`(?m)^tzdata==\S+ --hash=sha256:([0-9a-f]{64})$`)

func TestTheTableIsTheOneThatIsPinned(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("..", "..", "tools", "requirements-zones.txt"))
	if err != nil {
		t.Fatal(err)
	}
	sum, want := sha256.Sum256([]byte(table)), pinned.FindSubmatch(b)
	if want == nil || hex.EncodeToString(sum[:]) != string(want[1]) {
		t.Errorf("the table has the SHA-256 %x, and %q is pinned: make zones", sum, want)
	}
}

// Whoever builds rollcall with a newer Go expects zones that are as new.
func TestTheTableIsNotOlderThanThatOfGo(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(filepath.Join(strings.TrimSpace(string(out)), "lib", "time", "update.bash"))
	if err != nil {
		t.Skipf("this Go does not say of when its zones are: %v", err)
	}
	defer f.Close()
	of := ""
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if says, found := strings.CutPrefix(lines.Text(), "DATA="); found {
			of = says
		}
	}
	if !regexp.MustCompile(`^20\d\d[a-z]$`).MatchString(of) || !regexp.MustCompile(`^20\d\d[a-z]$`).MatchString(Version()) || Version() < of {
		t.Errorf("the table is of %q, and that of Go of %q: raise tools/requirements-zones.txt, and make zones", Version(), of)
	}
}
