package layout

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// use is what a package may not touch: an import, or one name of it.
type use struct {
	path string
	name string // empty: the import as such
}

func (u use) String() string {
	if u.name == "" {
		return u.path
	}
	return u.path + "." + u.name
}

// onlyCmd is the outside world: flags, environment, exit, standard streams. The
// sandbox is held to the same.
var onlyCmd = []use{
	{"flag", ""}, {"github.com/urfave/cli/v2", ""},
	{"os", "Getenv"}, {"os", "LookupEnv"}, {"os", "Environ"}, {"os", "Exit"}, {"os", "Args"},
	{"os", "Stdin"}, {"os", "Stdout"}, {"os", "Stderr"},
	{"log", ""},
}

// pure is what a decision may not touch.
var pure = slices.Concat(clock, ownZones, []use{
	{"os", ""}, {"net", ""}, {"net/http", ""}, {"log", ""}, {"log/slog", ""}, {"math/rand", ""}, {"math/rand/v2", ""}, {"crypto/rand", ""},
	{"io/fs", ""}, {"os/exec", ""}, {"context", ""},
})

// ownZones are what a machine says of time zones: two of them may say different things of
// one name, and of one and the same roster. internal/zones is what the program goes by.
var ownZones = []use{{"time", "LoadLocation"}, {"time", "Local"}, {"time/tzdata", ""}}

func TestOnlyCmdTouchesTheOutsideWorld(t *testing.T) {
	for _, p := range packages(t) {
		if !program(p.rel) && !slices.Contains(testKits, p.rel) {
			forbid(t, p, onlyCmd)
		}
	}
}

// So is whatever they are made with.
func TestDecisionsArePure(t *testing.T) {
	all := packages(t)
	i := slices.IndexFunc(all, func(p goPackage) bool { return p.rel == "reconcile" })
	held := append(all[i].imports(), "reconcile")
	for _, p := range all {
		if slices.Contains(held, p.rel) {
			forbid(t, p, pure)
		}
	}
	for _, rel := range []string{"internal/access", "internal/zones"} {
		if !slices.Contains(held, rel) {
			t.Errorf("reconcile does not import %s: the imports were not read", rel)
		}
	}
}

// What a configuration is refused for, what HR is told and what is decided go by one table
// of zones. Only init looks at the machine's, for a proposal that a person confirms.
func TestNothingGoesByTheZonesOfTheMachine(t *testing.T) {
	for _, p := range packages(t) {
		for _, name := range slices.Sorted(maps.Keys(p.files)) {
			for _, found := range usesIn(p.files[name], ownZones) {
				if path.Join(p.rel, name) != "cmd/rollcall/init_ask.go" || found.name != "Local" {
					t.Errorf("%s uses %s: internal/zones has the zones of the program", path.Join(p.rel, name), found)
				}
			}
		}
	}
}

// clock is whatever looks at the machine's clock or waits for it. A context's deadline is
// none of these: it ends a wait, and nothing more.
var clock = []use{
	{"time", "Now"}, {"time", "Since"}, {"time", "Until"}, {"time", "Sleep"}, {"time", "After"}, {"time", "AfterFunc"}, {"time", "NewTimer"}, {"time", "NewTicker"}, {"time", "Tick"},
}

// clocks are the files outside of programs that use the machine's clock, by which names of
// package time, sorted, and what for.
// None of it decides anything about people or stands in a record: for that, cmd passes in
// what time it is.
var clocks = []struct{ file, uses, why string }{
	{"collectors/aws/deadline.go", "Until", "a wait that the run's deadline would cut short is not begun, and a deadline is by this clock"},
	{"collectors/okta/limiter.go", "Until", "the same, put on the clock that the limiter was given"},
	{"collectors/okta/client.go", "Now", "the clock by which requests are paced, where none was given"},
	{"collectors/sleep.go", "NewTimer", "the pause between two requests"},
	{"reports/archive/bucket/lease.go", "NewTicker Now Since", "how long this machine still has the lease, and when it is renewed: also after a sleep, and whatever the clock of a run says"},
	{"reports/archive/bucket/get.go", "AfterFunc", "a download that does not come is given up"},
	{"internal/sandbox/faults/effects.go", "NewTimer", "an answer that comes late"},
	{"internal/sandbox/fakeaws/server.go", "Now", "the clock of a server to which nobody gave one"},
	{"internal/sandbox/fakeokta/server.go", "Now", "the same"},
	{"internal/sandbox/fakes3/server.go", "Now", "the same"},
	{"collectors/collectortest/run.go", "Now Since", "a collector that is told to stop has to do so promptly"},
	{"reports/archive/storetest/versity.go", "Sleep", "a program that is not ours says by its port alone that it is ready"},
}

// Whoever needs one more clock says so in the list, with a reason to argue about.
func TestWhoeverUsesTheClockOfTheMachineSaysWhatFor(t *testing.T) {
	listed := map[string]string{}
	for _, c := range clocks {
		listed[c.file] = c.uses
		if c.why == "" {
			t.Errorf("%s does not say why it may use a clock", c.file)
		}
	}
	for _, p := range packages(t) {
		if program(p.rel) {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(p.files)) {
			file := path.Join(p.rel, name)
			var uses []string
			for _, found := range usesIn(p.files[name], clock) {
				uses = append(uses, found.name)
			}
			slices.Sort(uses)
			if got := strings.Join(uses, " "); got != listed[file] {
				t.Errorf("%s uses %q of package time, and clocks allows it %q: pass the time in, or say there why not", file, got, listed[file])
			}
			delete(listed, file)
		}
	}
	for file := range listed {
		t.Errorf("clocks names %s, and there is no such file", file)
	}
}

// reading is what a file may be opened to be read with. Whatever cmd reads is read by
// cmd/rollcall/readinput.go, which waits for no pipe and has a limit for every size.
var reading = []use{
	{"os", "ReadFile"}, {"os", "Open"}, {"os", "DirFS"}, {"io", "ReadAll"}, {"io/ioutil", ""},
	{"rollcall/reports/archive", "OpenFile"},
}

func TestWhatCmdReadsGoesThroughOneFile(t *testing.T) {
	const one = "readinput.go"
	for _, p := range packages(t) {
		for _, name := range slices.Sorted(maps.Keys(p.files)) {
			if found := usesIn(p.files[name], reading); p.rel == "cmd/rollcall" && name != one && len(found) > 0 {
				t.Errorf("%s/%s uses %s: a file is read with readFrom of %s, and its limit", p.rel, name, found, one)
			}
		}
	}
}

func forbid(t *testing.T, p goPackage, uses []use) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(p.files)) {
		for _, found := range usesIn(p.files[name], uses) {
			t.Errorf("%s/%s uses %s: it is to be passed in by cmd", p.rel, name, found)
		}
	}
}

// usesIn gives the forbidden uses in one file, each once.
func usesIn(file *ast.File, forbidden []use) []use {
	called := map[string]string{} // the name in this file -> import path
	var found []use
	for _, spec := range file.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue
		}
		if i := slices.Index(forbidden, use{path: path}); i >= 0 {
			found = append(found, forbidden[i])
		}
		local := path[strings.LastIndex(path, "/")+1:]
		if spec.Name != nil {
			local = spec.Name.Name
		}
		called[local] = path
	}
	ast.Inspect(file, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if x, ok := sel.X.(*ast.Ident); ok && called[x.Name] != "" {
			u := use{called[x.Name], sel.Sel.Name}
			if slices.Contains(forbidden, u) && !slices.Contains(found, u) {
				found = append(found, u)
			}
		}
		return true
	})
	return found
}

// The search itself, on a file that breaks the rules in every way.
func TestForbiddenUsesAreFound(t *testing.T) {
	const src = `package p
import ("os"; clock "time"; "log"; "math/rand/v2")
var started = clock.Now
func f() { _ = os.Getenv("A"); os.Exit(rand.Int()); log.Print(os.Getenv("B")); _, _ = clock.LoadLocation("UTC") }
`
	file, err := parser.ParseFile(token.NewFileSet(), "p.go", src, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		forbidden []use
		want      string
	}{
		{onlyCmd, "[log os.Getenv os.Exit]"},
		{pure, "[os log math/rand/v2 time.Now time.LoadLocation]"},
		{ownZones, "[time.LoadLocation]"},
	} {
		if got := fmt.Sprint(usesIn(file, tt.forbidden)); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
}
