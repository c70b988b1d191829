package reconcile

import (
	"testing"
	"time"
)

func TestBusinessHoursAreReadAsPeopleWriteThem(t *testing.T) {
	monday := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		says         string
		open, closed []string // day and time
	}{
		{"Mon-Fri 09:00-17:30", []string{"0 09:00", "4 17:29"}, []string{"0 08:59", "0 17:30", "5 12:00"}},
		{"Monday–Friday 9-17", []string{"0 09:00"}, []string{"6 09:00"}},
		{"Mon,Wed 8-12; Sat 10:00-12:00", []string{"0 08:00", "2 11:59", "5 10:00"}, []string{"1 09:00", "5 09:59"}},
		{"mon-fri 09:00-12:00 13:00-17:00", []string{"0 11:00", "0 13:00"}, []string{"0 12:30"}},
		{"Sat-Mon 9-17", []string{"5 10:00", "6 10:00", "0 10:00"}, []string{"1 10:00"}},
		{"Fri 22:00-06:00", []string{"4 22:00", "4 23:00", "5 05:59"}, []string{"3 23:00", "4 05:00", "4 21:59", "5 06:00"}},
		{"0-9:59", []string{"0 00:00", "0 09:58"}, []string{"0 09:59"}},
		{"16-24", []string{"0 23:59"}, []string{"0 15:59"}},
		{"Sat, Sun", []string{"5 00:00", "6 23:59"}, []string{"0 00:00"}},
		{"24/7", []string{"6 03:00"}, nil},
		{"Mon-Fri 9-17;", []string{"0 09:00"}, []string{"5 09:00"}},
		{"8-20", []string{"6 08:00"}, []string{"6 20:00"}},
		{"", []string{"0 09:00"}, []string{"0 17:00", "5 09:00"}},
	} {
		h, err := ParseHours(c.says)
		if err != nil {
			t.Errorf("%q: %v", c.says, err)
		}
		at := func(s string) time.Time {
			of, err := time.Parse("15:04", s[2:])
			if err != nil {
				t.Fatal(err)
			}
			return monday.AddDate(0, 0, int(s[0]-'0')).Add(time.Duration(of.Hour())*time.Hour + time.Duration(of.Minute())*time.Minute)
		}
		for _, s := range c.open {
			if !h.Open(at(s)) {
				t.Errorf("%q is closed at %s", c.says, s)
			}
		}
		for _, s := range c.closed {
			if h.Open(at(s)) {
				t.Errorf("%q is open at %s", c.says, s)
			}
		}
	}
	for _, bad := range []string{"whenever", "Mon-Fri 25:00-26:00", "Mon-Fri 09:00", "Mo-Fr 9-17", "9-9", "9-10 9", "x-9", "9-x", "9-mon", "mon-x", "9-17; x", "9-17:60", "9--1", "9-10:-5", "9-24:01", "9:x-10", "; ,x", ";", " , ;"} {
		if h, err := ParseHours(bad); err == nil || !h.Open(monday.Add(10*time.Hour)) {
			t.Errorf("%q: %v; what cannot be read is as usual", bad, err)
		}
	}
}
