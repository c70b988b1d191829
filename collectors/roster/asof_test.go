package roster

import (
	"strings"
	"testing"
	"time"

	"rollcall/internal/access"
)

// dated reads a list with lines around its table, on 27 November 2026; the date that it says
// of itself, and what it tells of that.
func dated(before, behind, dates string) (asOf, told string) {
	return datedOn("2026-11-27", before, behind, dates)
}

// datedOn reads it at noon of a day.
func datedOn(today, before, behind, dates string) (asOf, told string) {
	noon, err := time.Parse(time.DateOnly+" 15", today+" 12")
	if err != nil {
		panic(err)
	}
	csv := before + "employee_id,email,status,title,department\nE1,a@x.example,Active,t,d\n" + behind
	got, problems := Read(Source{Name: "s", File: "f.csv", Today: noon, Dates: dates}, []byte(csv))
	for _, p := range problems {
		if strings.Contains(p.Meanwhile, "when it was made") || strings.Contains(p.Meanwhile, "neither makes it older") {
			told += p.Says
		}
		if p.Severity != access.Note {
			told += string(p.Severity)
		}
	}
	if !got.AsOf.IsZero() {
		asOf = got.AsOf.Format("2006-01-02 15:04")
	}
	if !got.AsOfOr.IsZero() {
		asOf += " or " + got.AsOfOr.Format("2006-01-02 15:04")
	}
	return asOf, told
}

func TestAListSaysInALineAroundItsTableOfWhichDayItIs(t *testing.T) {
	const day = "2026-11-26 00:00"
	for line, want := range map[string]string{
		"Report date: 2026-11-26":                           day,
		"Run on: 2026-11-26 21:00":                          day,
		"Run Date and Time,11/26/2026 9:00 PM,,,":           day,
		"As of 26 November 2026":                            day,
		"Data as of: Nov 26 2026":                           day,
		"\"Effective Date: Thursday, November 26, 2026\"":   day,
		"Effective as of,2026-11-26":                        day,
		"generated 2026-11-26T23:59:59-05:00 by the system": day,
		"Exported on 26.11.2026 um 08:00":                   day,
		"Stand: 26.11.2026":                                 day,
		"Report Run: 2026/11/26":                            day,
		"Snapshot 20261126":                                 day,
		"Date: 26-Nov-2026":                                 day,
		"As of 26th November 2026":                          day,
		"Active and Terminated Workers 2026-11-26":          "", // it does not say what happened on that day
		"Hire Date from: 2020-01-01":                        "",
		"Start date 2020-01-01":                             "",
		"Run on demand":                                     "",
		"Run on: 21:00":                                     "",
		"Report date: 2026-02-30":                           "",
		"Report date: 26/11/26":                             "",
		"Report date: 04.05.1850":                           "",
	} {
		for _, around := range [][2]string{{line + "\n", ""}, {"People\n" + line + "\n\n", ""}} {
			if asOf, told := dated(around[0], around[1], ""); asOf != want || told != "" {
				t.Errorf("%q: %q, %q", around[0], asOf, told)
			}
		}
	}
	if asOf, told := dated("", "Total: 1,,,,\nGenerated on 2026-11-26 08:00,,,,\n", ""); asOf != day || told != "" {
		t.Errorf("behind the table: %q, %q", asOf, told)
	}
	if asOf, told := dated("Report date: 2026-11-26\n", "Printed 2026-11-26 23:00,,,,\n", ""); asOf != day || told != "" {
		t.Errorf("twice: %q, %q", asOf, told)
	}
	if asOf, told := dated("", "", ""); asOf != "" || told != "" {
		t.Errorf("nowhere: %q, %q", asOf, told)
	}
}

func TestADayThatIsInDoubtIsNotTheDayOfTheList(t *testing.T) {
	const either = "2026-03-04 00:00 or 2026-04-03 00:00"
	for name, c := range map[string]struct{ before, behind, dates, want, says string }{
		"either month":            {"Run on 03/04/2026\n", "", "", either, "03/04/2026: March or April?"},
		"whatever the columns do": {"Run on 03/04/2026\n", "", "dmy", either, "03/04/2026: March or April?"},
		"or the other way":        {"Run on 03/04/2026\n", "", "mdy", either, "03/04/2026: March or April?"},
		"the same in doubt twice": {"Run on 03/04/2026\nPrinted 4/3/2026\n", "", "", either, "03/04/2026: March or April?"},
		"another line settles it": {"Run on 03/04/2026\nAs of 3 April 2026\n", "", "", "2026-04-03 00:00", ""},
		"or had settled it":       {"As of 3 April 2026\n", "Generated 03/04/2026,,,,\n", "mdy", "2026-04-03 00:00", ""},
		"the same number twice":   {"Run on 04/04/2026\n", "", "", "2026-04-04 00:00", ""},
		"two days":                {"Report date: 2026-11-26\nEffective date: 2026-11-30\n", "", "", "", "2026-11-26 and 2026-11-30"},
		"one before, one behind":  {"Report date: 2026-11-26\n", "Generated 2026-11-25,,,,\n", "", "", "2026-11-26 and 2026-11-25"},
		"from one to another":     {"Effective date: 2026-11-01 to 2026-11-26\n", "", "", "", "2026-11-01 and 2026-11-26"},
		"one in doubt, one not":   {"Report date: 2026-11-26\nPrinted 03/04/2026\n", "", "", "", "2026-11-26 and 03/04/2026"},
		"a day ahead":             {"Report date: 2026-11-29\n", "", "", "", "2026-11-29, which is ahead"},
		"a day ahead, either way": {"Report date: 12/11/2027\n", "", "", "", "12/11/2027, which is ahead"},
		"tomorrow, where it is":   {"Report date: 2026-11-28\n", "", "", "2026-11-28 00:00", ""},
		"a year that is mistyped": {"Report date: 2062-11-26\n", "", "", "", "2062-11-26, which is ahead"},
	} {
		asOf, told := dated(c.before, c.behind, c.dates)
		if asOf != c.want || (told == "") != (c.says == "") || !strings.Contains(told, c.says) {
			t.Errorf("%s: %q, %q", name, asOf, told)
		}
	}
}

// Whoever made the report need not write its day as its columns write theirs. The order of
// these counts where the day is then that of a fresh export, and would not be in the other.
func TestADayInFiguresIsThatOfAFreshExportOrInDoubt(t *testing.T) {
	for _, c := range []struct{ today, says, dates, want string }{
		{"2026-12-01", "12/01/2026", "dmy", "2026-01-12 or 2026-12-01"}, // 12 January by the columns, and 1 December in truth
		{"2026-12-01", "12-01-2026", "dmy", "2026-01-12 or 2026-12-01"},
		{"2026-12-01", "12/01/2026", "mdy", "2026-12-01"},
		{"2026-12-01", "01/12/2026", "dmy", "2026-12-01"},
		{"2026-12-01", "1-12-2026 21:00", "dmy", "2026-12-01"},
		{"2026-12-01", "12/02/2026", "mdy", "2026-12-02"}, // it is tomorrow already somewhere
		{"2026-12-01", "12/03/2026", "mdy", "2026-03-12"}, // 3 December is ahead: it cannot be
		{"2026-12-08", "01/12/2026", "dmy", "2026-12-01"},
		{"2026-12-09", "01/12/2026", "dmy", "2026-01-12 or 2026-12-01"}, // a week is over
		{"2026-05-06", "05/06/2026", "dmy", "2026-05-06"},               // 5 June is ahead, 6 May is today
		{"2026-12-12", "11/12/2026", "mdy", "2026-11-12 or 2026-12-11"}, // 11 December is fresh, 12 November is not
		{"2026-01-02", "02/01/2026", "dmy", "2026-01-02"},
		{"2026-12-01", "12/01/2026", "", "2026-01-12 or 2026-12-01"},
		{"2026-12-01", "01.12.2026", "mdy", "2026-12-01"}, // with full stops the day comes first
		{"2026-12-12", "12/12/2026", "dmy", "2026-12-12"},
		{"2026-12-13", "12/13/2026", "dmy", "2026-12-13"}, // there is no month 13
		{"2026-12-13", "13-12-2026", "mdy", "2026-12-13"},
		{"2026-12-13", "13/03/2026", "mdy", "2026-03-13"}, // old, and certain
	} {
		asOf, told := datedOn(c.today, "Run on "+c.says+"\n", "", c.dates)
		doubt := strings.Contains(told, "which of the two numbers is the day")
		if strings.ReplaceAll(asOf, " 00:00", "") != c.want || doubt != strings.Contains(c.want, "or") {
			t.Errorf("%s on %s, dates %q: %q, %q", c.says, c.today, c.dates, asOf, told)
		}
	}
}
