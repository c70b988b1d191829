package reconcile

import (
	"testing"
	"time"

	"rollcall/internal/access"
)

func TestAZoneThatNobodyCanMeanEndsDaysLastAndBeginsThemFirst(t *testing.T) {
	for _, zone := range []string{"Local", "Nowhere/Atall"} {
		i := access.Identity{TimeZone: zone, StartDate: access.Day{At: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)}, EndDate: access.Day{At: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)}}
		if got := zoneOf(i, time.UTC); got != lastZone {
			t.Errorf("%s is %s", zone, got)
		}
		if first := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC); !started(i, first, time.UTC) || started(i, first.Add(-1), time.UTC) {
			t.Errorf("%s: a day does not begin at %s", zone, first)
		}
		if got, want := accessEnd(i, time.UTC), time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC); !got.Equal(want) {
			t.Errorf("%s: a day ends at %s, want %s", zone, got, want)
		}
	}
}

func TestAStartIsADayInItsZoneOrAnInstant(t *testing.T) {
	east := time.FixedZone("east", 9*3600)
	at := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		start access.Day
		want  time.Time
	}{
		{access.Day{At: at, Exact: true}, at},
		{access.Day{At: at}, time.Date(2026, 11, 22, 15, 0, 0, 0, time.UTC)},
	} {
		i := access.Identity{StartDate: c.start}
		if started(i, c.want.Add(-1), east) || !started(i, c.want, east) {
			t.Errorf("%+v has not begun at %s", c.start, c.want)
		}
	}
}

func TestOfTwoInstantsTheEarlierEndsAccess(t *testing.T) {
	early, late := access.Day{At: midnight, Exact: true}, access.Day{At: midnight.Add(time.Hour), Exact: true}
	for _, i := range []access.Identity{{LastWorkingDay: early, EndDate: late}, {LastWorkingDay: late, EndDate: early}, {LastWorkingDay: dayAt(-9), EndDate: early}} {
		if got := accessEnd(i, time.UTC); !got.Equal(midnight) {
			t.Errorf("%s and %s: access ends at %s", i.LastWorkingDay, i.EndDate, got)
		}
	}
}

func TestADateIsOverAfterItsDayOrAtItsInstant(t *testing.T) {
	west := time.FixedZone("west", -5*3600)
	for _, c := range []struct {
		d    access.Day
		ends time.Time
	}{
		{access.Day{At: midnight, Exact: true}, midnight},
		{dayAt(0), time.Date(2026, 11, 24, 5, 0, 0, 0, time.UTC)},
	} {
		if over(c.d, c.ends.Add(-1), west) || !over(c.d, c.ends, west) {
			t.Errorf("%+v is not over at %s", c.d, c.ends)
		}
	}
	if over(access.Day{}, midnight, west) {
		t.Error("what has no date is over")
	}
}

func TestADayHasItsNumberAndNoDayNone(t *testing.T) {
	if got := dayFromNumber(days(midnight)); got != dayAt(0) {
		t.Errorf("%s", got)
	}
	if got := dayFromNumber(0); !got.IsZero() {
		t.Errorf("no day is %s", got)
	}
}
