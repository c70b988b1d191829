package archive

import (
	"crypto/ed25519"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
)

// nightsAt is an archive with a night at each of these times.
func nightsAt(t *testing.T, triggers map[int]string, at ...time.Time) string {
	t.Helper()
	root := t.TempDir()
	for n, begun := range at {
		one := fixtureNight(n + 1)
		one.Run.StartedAt, one.Run.FinishedAt = begun, begun.Add(time.Hour)
		if trigger := triggers[n+1]; trigger != "" {
			one.Run.Trigger = trigger
		}
		if err := recordNight(NewFolder(root), one); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestNightsWithoutARecordAreMissing(t *testing.T) {
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 3, day, hour, minute, 0, 0, time.UTC) }
	east := time.FixedZone("UTC+3", 3*60*60)
	for name, c := range map[string]struct {
		nights   []time.Time
		triggers map[int]string
		zone     *time.Location
		until    time.Time
		want     string
	}{
		"every night":                   {nights: []time.Time{at(1, 22, 0), at(2, 22, 0), at(3, 22, 0)}},
		"one is missing":                {nights: []time.Time{at(1, 22, 0), at(3, 22, 0)}, want: "2026-03-02: 1"},
		"three are missing":             {nights: []time.Time{at(1, 22, 0), at(5, 22, 0)}, want: "2026-03-02 to 2026-03-04: 3"},
		"late, past midnight":           {nights: []time.Time{at(1, 23, 50), at(3, 0, 40), at(3, 23, 50)}},
		"a sweep is no night":           {nights: []time.Time{at(1, 22, 0), at(2, 22, 0), at(3, 22, 0)}, triggers: map[int]string{2: "sweep"}, want: "2026-03-02: 1"},
		"an order is no night":          {nights: []time.Time{at(1, 22, 0), at(2, 22, 0), at(3, 22, 0)}, triggers: map[int]string{2: "revoke"}, want: "2026-03-02: 1"},
		"the days of the zone":          {nights: []time.Time{at(1, 21, 30), at(3, 22, 0)}, zone: east, want: "2026-03-03: 1"},
		"since the last, until a day":   {nights: []time.Time{at(1, 22, 0)}, until: at(3, 0, 0), want: "2026-03-02 to 2026-03-03: 2"},
		"since the last, until that":    {nights: []time.Time{at(1, 22, 0)}, until: at(1, 0, 0)},
		"until now, today is not over":  {nights: []time.Time{at(1, 22, 0)}, until: at(2, 23, 0)},
		"until now, yesterday was none": {nights: []time.Time{at(1, 22, 0)}, until: at(3, 9, 0), want: "2026-03-02: 1"},
	} {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			root := nightsAt(t, c.triggers, c.nights...)
			r, err := Verify(root, Checks{Keys: []ed25519.PublicKey{testPub}, Zone: c.zone, Until: c.until})
			if err != nil || !r.OK() {
				t.Fatalf("%v, %v", r.Faults, err)
			}
			var got []string
			for _, m := range r.Missing {
				got = append(got, strings.SplitN(m.String(), " night(s)", 2)[0])
			}
			if strings.Join(got, "; ") != c.want {
				t.Errorf("missing %q, want %q", got, c.want)
			}
		})
	}
}

func TestANightWhoseTableIsLostWasANight(t *testing.T) {
	root := archiveOf(t, 3)
	found, err := filepath.Glob(filepath.Join(root, "runs/date=*/run="+string(runID(2))+"/*"))
	if err != nil || len(found) != 1 {
		t.Fatalf("%v, %v", found, err)
	}
	if err := os.Remove(found[0]); err != nil {
		t.Fatal(err)
	}
	if r, err := verified(root, testPub); err != nil || len(r.Faults) != 1 || r.Nights != 3 || len(r.Missing) != 0 {
		t.Errorf("%+v, %v", r, err)
	}
}

// An input is listed, and so measured, by every night that goes by it.
func TestAFaultSaysWhenTheFileWasLastKnownToBeSound(t *testing.T) {
	root := archiveOf(t, 3)
	name := inputName(access.Digest([]byte(rosterText)))
	path := filepath.Join(root, name)
	flip(t, path, 3)
	at := fixtureNight(3).Run.FinishedAt.Add(24 * time.Hour)
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
	state := filepath.Join(root, stateName(runID(1)))
	flip(t, state, 3)
	at = fixtureNight(2).Run.FinishedAt.Add(time.Hour)
	if err := os.Chtimes(state, at, at); err != nil {
		t.Fatal(err)
	}
	r, err := verified(root, testPub)
	if err != nil || len(r.Faults) != 2 {
		t.Fatalf("%v, %v", r.Faults, err)
	}
	input, of := r.Faults[0], r.Faults[1]
	if input.RunID != runID(1) || input.SoundIn != runID(3) || input.AfterRun != runID(3) || input.BeforeRun != "" {
		t.Errorf("%+v", input)
	}
	if of.RunID != runID(1) || of.SoundIn != runID(2) || of.AfterRun != runID(2) || of.BeforeRun != runID(3) {
		t.Errorf("%+v", of)
	}
}
