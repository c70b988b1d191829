package archive

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"rollcall/internal/access"
)

// ownerPattern finds the run in the name of a run's file, which may hold a line break, as
// names of files may.
var ownerPattern = regexp.MustCompile(`(?s)^(?:[a-z_]+/date=[^/]+/run=([^/]+)/.+|journal/([^/]+)/.+|(?:plans|grounds|states)/(.+)\.(?:json|grants))$`)

// likePattern finds the run in a name that a reader may take for one of a run's files: on
// many disks large and small letters are the same, and engines read folders by run=, however
// deep they lie.
var likePattern = regexp.MustCompile(`(?is)^(?:(?:.*/)?run=([^/]+)/.+|journal/([^/]+)/.+|(?:plans|grounds|states)/([^./]+)\..+)$`)

// owner gives the run whose file this would be, or "".
func owner(name string) access.RunID { return runIn(ownerPattern, name) }

func runIn(pattern *regexp.Regexp, name string) access.RunID {
	m := pattern.FindStringSubmatch(name)
	if m == nil {
		return ""
	}
	return access.RunID(m[1] + m[2] + m[3])
}

// unlisted judges the files that no verified manifest lists. Beside a committed
// run's own files one is a fault: a reader would take it for part of the run.
// Anything else is only noted: it is what a run leaves that died before its
// manifest, and readers that go by the manifests never see it.
func (v *verifier) unlisted() {
	died := map[access.RunID]int{}
	var foreign []string
	told := 0
	adopted, recorded := v.adopted(), map[string]access.RunID{}
	for run := range v.runs {
		recorded[strings.ToLower(string(run))] = run
	}
	for _, name := range v.names {
		run := owner(name)
		like, has := recorded[strings.ToLower(string(runIn(likePattern, name)))]
		if !has {
			like = run
		}
		switch _, listed := v.listed[name]; {
		case listed || v.judged[name] || manifestPattern.MatchString(name): // judged before
		case v.runs[like] || adopted[run] && strings.HasPrefix(name, "journal/"):
			v.fault(name, "is not listed in any manifest: it was added after run "+string(like)+" was recorded", nil)
		case name == lockName:
		case run != "":
			died[run]++
		case signaturePattern.MatchString(name):
			v.note("%s is the signature of a manifest that is not here: its run died, or lost a race, before it was recorded", name)
		case strings.HasPrefix(name, outbox):
			told++
		case strings.HasPrefix(name, spentFolder):
			v.note("%s makes an approval a spent one, and no recorded run did that: its run died, and the next one takes it over", name)
		case strings.HasPrefix(name, inputName("")):
			v.note("%s is an input that no recorded run cites", name)
		default:
			foreign = append(foreign, name)
		}
	}
	for _, run := range slices.Sorted(maps.Keys(died)) {
		v.note("run %s has %d files and no manifest that verifies: it died before it was recorded, or its manifest is at fault", run, died[run])
	}
	if told > 0 {
		v.note("%d records in %s say what was told since the last run, or while no run could account for it: the next one lists them", told, outbox)
	}
	if len(foreign) > 0 {
		v.note("%d files are not of the archive, such as %s", len(foreign), foreign[0])
	}
}

// lockName is the file that keeps a second run out; it is no record.
const lockName = "lock"

func (v *verifier) note(format string, args ...any) {
	v.report.Notes = append(v.report.Notes, fmt.Sprintf(format, args...))
}

// adopted are the runs whose journals a verified manifest lists, also those
// that died and were accounted for by a later run.
func (v *verifier) adopted() map[access.RunID]bool {
	runs := map[access.RunID]bool{}
	for name := range v.listed {
		if strings.HasPrefix(name, "journal/") {
			runs[owner(name)] = true
		}
	}
	return runs
}
