package reconcile

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
)

// TestSigns: what makes a sign that a worksheet was waved through, and what is just not enough for one.
func TestSigns(t *testing.T) {
	const flaggedRow, plainRow = "f", "p"
	rows := map[string]*access.Issued{flaggedRow: {Item: access.Item{FindingID: "x"}}, plainRow: {}}
	many := func(n int, d access.Decision) (all []access.Decision) {
		if d.RowID == "" {
			d.RowID = plainRow
		}
		if d.ReceivedAt.IsZero() {
			d.ReceivedAt = morning(3)
		}
		for range n {
			all = append(all, d)
		}
		return all
	}
	keep, remove := access.Decision{Choice: access.ChooseKeep}, access.Decision{Choice: access.ChooseRemove}
	after := func(d time.Duration) access.Decision {
		return access.Decision{Choice: access.ChooseRemove, ReceivedAt: morning(2).Add(d)}
	}
	because := func(c access.Choice, row, reason string) access.Decision {
		return access.Decision{Choice: c, RowID: row, Reason: reason}
	}
	suggested := func(c access.Choice) access.Decision { return access.Decision{Choice: c, Suggested: "Remove"} }
	for name, c := range map[string]struct {
		all  []access.Decision
		want string
	}{
		"nothing came":                       {nil, ""},
		"twenty are kept":                    {many(20, keep), "all of 20 decisions are Keep"},
		"nineteen are":                       {many(19, keep), ""},
		"one of twenty is not":               {append(many(19, keep), many(1, remove)...), ""},
		"a stock reason":                     {many(1, because(access.ChooseKeep, flaggedRow, " Needed  for WORK!")), "1 flagged rows are kept for a reason that says nothing about them"},
		"a reason":                           {many(1, because(access.ChooseKeep, flaggedRow, "she deploys every week")), ""},
		"a stock reason, nothing is flagged": {many(1, because(access.ChooseKeep, plainRow, "needed for work")), ""},
		"a stock reason for removing":        {many(1, because(access.ChooseRemove, flaggedRow, "needed for work")), ""},
		"five within 24 seconds":             {append(many(1, after(24*time.Second)), many(4, after(time.Second))...), "5 decisions came 24s after the worksheet went out"},
		"five within 25 seconds":             {append(many(4, after(time.Second)), many(1, after(25*time.Second))...), ""},
		"four within a second":               {many(4, after(time.Second)), ""},
		"five suggestions were followed":     {many(5, suggested(access.ChooseRemove)), "all of 5 suggestions were followed"},
		"four were":                          {many(4, suggested(access.ChooseRemove)), ""},
		"four of five were":                  {append(many(4, suggested(access.ChooseRemove)), many(1, suggested(access.ChooseChange))...), ""},
		"five were, and one row had none":    {append(many(5, suggested(access.ChooseRemove)), many(1, remove)...), "all of 5 suggestions were followed"},
		"four were, and there was no fifth":  {append(many(4, suggested(access.ChooseRemove)), many(1, remove)...), ""},
		"three of five have one reason":      {append(many(3, because(access.ChooseRemove, plainRow, "Not used.")), many(2, remove)...), `3 of 5 decisions have the same reason: "not used"`},
		"three of six do":                    {append(many(3, because(access.ChooseRemove, plainRow, "not used")), many(3, remove)...), ""},
		"three of four do":                   {append(many(3, because(access.ChooseRemove, plainRow, "not used")), many(1, remove)...), ""},
		"the reason of most":                 {append(many(2, because(access.ChooseRemove, plainRow, "another")), many(3, because(access.ChooseRemove, plainRow, "not used"))...), `3 of 5 decisions have the same reason: "not used"`},
		"nobody gave one":                    {many(6, remove), ""},
	} {
		if got := strings.Join(signsOf(&access.Sheet{IssuedAt: morning(2)}, c.all, rows), "; "); got != c.want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestTheSampleIsATenthAndFiveAtLeastAndAlwaysTheSame(t *testing.T) {
	var all []access.Decision
	for n, want := range []int{0, 1, 2, 3, 4, 5, 5} {
		if got := len(sample(all)); got != want {
			t.Errorf("%d of %d", got, n)
		}
		all = append(all, access.Decision{RowID: fmt.Sprint("r", n)})
	}
	for n := len(all); n < 61; n++ {
		all = append(all, access.Decision{RowID: fmt.Sprint("r", n)})
	}
	if fifty, more, last := len(sample(all[:50])), len(sample(all[:51])), len(sample(all)); fifty != 5 || more != 6 || last != 7 {
		t.Errorf("%d of 50, %d of 51, %d of 61", fifty, more, last)
	}
	once := sample(all)
	slices.Reverse(all)
	if !slices.Equal(once, sample(all)) || slices.IsSorted(once) {
		t.Error("whoever picks again gets others, or the first ones")
	}
}

// What rollcall decided itself at the close, and rows that somebody else answered since, are no sign.
func TestSignsAreOfWhatThePersonDecided(t *testing.T) {
	sheet := access.Sheet{ID: "s", ReviewerName: "Max", IssuedAt: morning(2)}
	rec := access.CampaignRecord{}
	for n := range 20 {
		id := fmt.Sprint("r", n)
		sheet.Rows = append(sheet.Rows, access.Issued{ID: id, Item: access.Item{RowID: id}})
		rec.Decisions = append(rec.Decisions, access.Decision{RowID: id, Worksheet: "s", Choice: access.ChooseKeep, ReceivedAt: morning(3)})
	}
	rec.Sheets = []access.Sheet{sheet, {ID: "t", ReviewerName: "Sky", IssuedAt: morning(2)}}
	got := Signals(rec)
	if len(got) != 1 || got[0].Reviewer != "Max" || got[0].Sheet != "s" || len(got[0].Sample) != 5 {
		t.Errorf("%+v", got)
	}
	rec.Decisions[3].Sender = byRollcall
	if got := Signals(rec); len(got) != 0 {
		t.Errorf("19 are theirs: %+v", got)
	}
}

func TestTheReasonOfMostIsTheOneThatIsToldOf(t *testing.T) {
	for range 20 { // a map has no order
		reasons := map[string]int{"most": 12}
		for n := range 10 {
			reasons[fmt.Sprint("r", n)] = 1
		}
		if reason, n := mostOften(reasons); reason != "most" || n != 12 {
			t.Fatal(reason, n)
		}
	}
}
