package main

import (
	"cmp"
	"os"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// savedAt is when a file was saved, as a stick or an archive remembers it.
type savedAt struct {
	name   string // without the browser's number
	number int
	at     time.Time
}

// numbered is a name as browsers give it to a file that is there already: "sheet (1).xlsx"
// is newer than "sheet.xlsx", before which it sorts.
var numbered = regexp.MustCompile(`^(.*) \((\d{1,4})\)(\.\w+)?$`)

// newestLast puts files in the order in which they were saved, each once. Those of two
// seconds are of one time, which their names may tell apart.
func newestLast(files []string) ([]string, error) {
	slices.Sort(files)
	files = slices.Compact(files)
	const apart = 2 * time.Second
	saved, last := map[string]savedAt{}, map[savedAt]time.Time{} // last: of one name, in those two seconds
	for _, file := range files {
		f, err := os.Stat(file)
		if err != nil {
			return nil, refuse("a worksheet that came back: %w", err)
		}
		s := savedAt{name: file, at: f.ModTime()}
		if m := numbered.FindStringSubmatch(file); m != nil {
			s.name = m[1] + m[3]
			s.number, _ = strconv.Atoi(m[2]) // it is one
		}
		saved[file] = s
		if same := (savedAt{name: s.name, at: s.at.Truncate(apart)}); s.at.After(last[same]) {
			last[same] = s.at
		}
	}
	slices.SortStableFunc(files, func(one, other string) int {
		a, b := saved[one], saved[other]
		timeA, timeB := a.at.Truncate(apart), b.at.Truncate(apart)
		return cmp.Or(timeA.Compare(timeB), last[savedAt{name: a.name, at: timeA}].Compare(last[savedAt{name: b.name, at: timeB}]), cmp.Compare(a.name, b.name), cmp.Compare(a.number, b.number))
	})
	return files, nil
}
