package evidence

import (
	"strings"
	"testing"

	"rollcall/reports/audit"
)

// TestWhatWasNotReadIsNotToldAsAliveNorAsNothing, and is to be looked at.
func TestWhatWasNotReadIsNotToldAsAliveNorAsNothing(t *testing.T) {
	pack := func(what ...string) *pack {
		answer := &audit.Answer{Columns: []string{"what"}}
		for _, w := range what {
			answer.Rows = append(answer.Rows, []any{w})
		}
		return &pack{answers: []answered{{Name: leaversActive, answer: answer}}}
	}
	const nothing, alive, unread = "Nothing of theirs was seen alive", "1 account or credential was seen alive or used", "Of 1 enabled account it was not read whether one could still sign in."
	for name, c := range map[string]struct {
		what         []string
		says, silent []string
		look         bool
	}{
		"none":         {nil, []string{nothing}, []string{alive, unread}, false},
		"no way in":    {[]string{noWayIn}, []string{nothing}, []string{alive, unread}, false},
		"not read":     {[]string{notRead}, []string{nothing, unread}, []string{alive}, true},
		"one of each":  {[]string{"account active", notRead, noWayIn}, []string{alive, unread}, []string{nothing}, true},
		"alive, alone": {[]string{"used after exit"}, []string{alive}, []string{nothing, unread}, true},
	} {
		for _, people := range []int{0, 1} {
			v := pack(c.what...).leaversVerdict(nil, people, 0)
			for _, want := range c.says {
				if !strings.Contains(v.Text, want) {
					t.Errorf("%s: it does not say %q: %s", name, want, v.Text)
				}
			}
			for _, not := range c.silent {
				if strings.Contains(v.Text, not) {
					t.Errorf("%s: it says %q: %s", name, not, v.Text)
				}
			}
			if v.Look != c.look {
				t.Errorf("%s: to be looked at: %t", name, v.Look)
			}
		}
	}
}
