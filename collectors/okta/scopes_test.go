package okta

import (
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/fakeokta"
)

func TestAScopeThatIsNotGrantedIsAGapThatNamesIt(t *testing.T) {
	a := newApps(t, func(app *fakeokta.ServiceApp) {
		app.Scopes = slices.DeleteFunc(CollectorScopes(), func(s string) bool { return s == "okta.apps.read" })
	})
	obs := a.collect(t, a.config(readApp))
	if r := readOf(t, obs, "apps"); r.Complete || !strings.Contains(r.Gap, "okta.apps.read") || !strings.Contains(r.Gap, "required scopes") {
		t.Errorf("apps: %+v", r)
	}
	if r := readOf(t, obs, "groups"); !r.Complete {
		t.Errorf("groups: %s", r.Gap)
	}
}

// A family that is read for must be asked for.
func TestTheScopesOfACollectorAreThoseOfItsFamilies(t *testing.T) {
	want := []string{}
	for _, k := range kinds {
		if !slices.Contains(want, k.scope) {
			want = append(want, k.scope)
		}
	}
	slices.Sort(want)
	if got := readingScopes(); !slices.Equal(got, want) {
		t.Errorf("scopes %v, want %v", got, want)
	}
}

// readingScopes are those of a Collector and of the log, in order.
func readingScopes() []string {
	return slices.Sorted(slices.Values(append(CollectorScopes(), LogScopes()...)))
}

// An app that was never granted the log reads everything else as before.
func TestTheLogIsAskedForWithATokenOfItsOwn(t *testing.T) {
	for _, granted := range []bool{true, false} {
		a := newApps(t, func(app *fakeokta.ServiceApp) {
			if granted {
				app.Scopes = readingScopes()
			}
		})
		k, obs := collected(t, a.config(readApp))
		wantComplete(t, obs)
		a.SignOn(a.ann.ID, a.wiki.ID, a.Now().Add(-time.Minute), home)
		got := k.Uses(t.Context(), obs, []access.Watch{watch(a.ann, a.Now().Add(-time.Hour), time.Time{})})
		r := readOf(t, got, "logs")
		if r.Complete != granted || (len(got.Uses) == 1) != granted || !granted && !strings.Contains(r.Gap, "okta.logs.read") {
			t.Errorf("granted %t: %d uses, %+v", granted, len(got.Uses), r)
		}
	}
}
