package access

import "time"

// Day is a calendar date or an instant that HR wrote. An instant (RFC 3339)
// has Exact set. The zero Day is "no date".
type Day struct {
	At    time.Time // midnight UTC of the date, or the instant
	Exact bool
}

// IsZero reports whether no date was given.
func (d Day) IsZero() bool { return d.At.IsZero() }

// String gives 2006-01-02, or RFC 3339 for an instant, or nothing.
func (d Day) String() string { return string(d.AppendTo(nil)) }

// AppendTo writes a Day as String does.
func (d Day) AppendTo(b []byte) []byte {
	switch {
	case d.IsZero():
		return b
	case d.Exact:
		return d.At.UTC().AppendFormat(b, time.RFC3339)
	}
	return appendDate(b, d.At)
}

// appendDate writes 2006-01-02: what Time.AppendFormat does, for lists with millions
// of them.
func appendDate(b []byte, at time.Time) []byte {
	year, month, day := at.Date()
	if year < 0 || year > 9999 {
		return at.AppendFormat(b, time.DateOnly)
	}
	digit := func(n int) byte { return byte('0' + n%10) }
	return append(b, digit(year/1000), digit(year/100), digit(year/10), digit(year), '-',
		digit(int(month)/10), digit(int(month)), '-', digit(day/10), digit(day))
}

// MarshalText writes a Day as String does.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (d *Day) UnmarshalText(b []byte) error {
	parsed, err := ParseDay(string(b))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// ParseDay reads 2006-01-02 or RFC 3339; empty text is no date.
func ParseDay(s string) (Day, error) {
	if s == "" {
		return Day{}, nil
	}
	if at, ok := parseDate(s); ok {
		return Day{At: at}, nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return Day{}, err
	}
	return Day{At: t.UTC(), Exact: true}, nil
}

// parseDate reads 2006-01-02: what time.Parse does, for lists with millions of them.
func parseDate(s string) (at time.Time, ok bool) {
	if len(s) != len(time.DateOnly) || s[4] != '-' || s[7] != '-' {
		return at, false
	}
	n := 0
	for i := range len(s) {
		if i == 4 || i == 7 {
			continue
		}
		if s[i] < '0' || s[i] > '9' {
			return at, false
		}
		n = n*10 + int(s[i]-'0')
	}
	year, month, day := n/10_000, time.Month(n/100%100), n%100
	at = time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	if month >= 1 && month <= 12 && day >= 1 && day <= 28 {
		return at, true
	}
	return at, at.Month() == month && at.Day() == day // there is no 31st of February
}
