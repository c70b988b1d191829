package archive

import (
	"crypto/ed25519"
	"strings"
	"testing"
	"time"
)

// A record that says that it is older than the one before it in the chain was written by
// another clock, or later than it says: a night that was missed can be made up so. It is
// told, whatever else is whole.
func TestARecordThatSaysItIsOlderThanTheOneBeforeItIsTold(t *testing.T) {
	for back, told := range map[time.Duration]bool{9 * time.Minute: false, 11 * time.Minute: true, 26 * time.Hour: true} {
		root := archiveOf(t, 3)
		forge(t, root, func(m *Manifest) { m.CreatedAt = m.CreatedAt.Add(-time.Hour - back) }, map[string]ed25519.PrivateKey{"": testKey})
		report := looked(t, root)
		notes := strings.Join(report.Notes, "\n")
		if !report.OK() || strings.Contains(notes, "before the run before it") != told {
			t.Errorf("%s back: faults %v, notes %s", back, report.Faults, notes)
		}
	}
	if notes := looked(t, archiveOf(t, 3)).Notes; len(notes) > 0 {
		t.Errorf("a whole archive: %q", notes)
	}
}
