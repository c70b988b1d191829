package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"rollcall/collectors/policy"
)

func TestTheGravestOfSeveralErrorsGivesTheExitCode(t *testing.T) {
	held, incomplete, failed := exitError{code: exitHeld}, exitError{code: exitIncomplete}, exitError{code: exitFailed}
	refused, plain := refuse("no"), errors.New("boom")
	for _, tt := range []struct {
		err  error
		want int
	}{
		{nil, 0},
		{plain, 1},
		{refused, 2},
		{held, 3},
		{incomplete, 4},
		{failed, 5},
		{fmt.Errorf("the night: %w", incomplete), 4},
		{errors.Join(held, incomplete), 4},
		{errors.Join(held, incomplete, failed), 5},
		{errors.Join(held, failed, plain), 1},
		{errors.Join(refused, held), 3},
		{fmt.Errorf("a: %w", errors.Join(held, fmt.Errorf("b: %w", failed))), 5},
		{exitError{exitHeld, plain}, 3},
		{cli.Exit("help misused", 3), 2},
	} {
		if got := exitCode(tt.err); got != tt.want {
			t.Errorf("%v: exit code %d, want %d", tt.err, got, tt.want)
		}
	}
}

// try runs an app with one group and one command, as others will be added.
func try(t *testing.T, args ...string) (code int, ran bool, stdout, stderr string) {
	t.Helper()
	var out, errOut bytes.Buffer
	e := &environ{args: append([]string{"rollcall"}, args...), stdout: &out, stderr: &errOut}
	app := newApp(e)
	leaf := &cli.Command{Name: "open", Usage: "opens", Flags: []cli.Flag{
		&cli.StringFlag{Name: "plan"}, &cli.BoolFlag{Name: "json"}, &cli.StringSliceFlag{Name: "person"},
	}, Action: func(*cli.Context) error { ran = true; return nil }}
	group := &cli.Command{Name: "parcel", Usage: "parcels", Subcommands: []*cli.Command{leaf}}
	harden(e, group, "parcel")
	app.Commands = append(app.Commands, group)
	err := app.Run(e.args)
	if err != nil {
		errOut.WriteString(err.Error())
	}
	return exitCode(err), ran, out.String(), errOut.String()
}

func TestACommandIsNotReachedByMisuse(t *testing.T) {
	for name, tt := range map[string]struct {
		args []string
		says string
	}{
		"no subcommand":                   {[]string{"parcel"}, `there is no command after "rollcall parcel" (known: open)`},
		"unknown subcommand":              {[]string{"parcel", "opne"}, `unknown command "parcel opne" (known: open); did you mean "open"?`},
		"unknown flag of a group":         {[]string{"parcel", "--foo", "open"}, "flag provided but not defined: -foo: see rollcall parcel --help"},
		"unknown flag":                    {[]string{"parcel", "open", "--foo"}, "flag provided but not defined: -foo: see rollcall parcel open --help"},
		"flag without its value":          {[]string{"parcel", "open", "--plan"}, "flag needs an argument: -plan"},
		"bad value":                       {[]string{"parcel", "open", "--json=maybe"}, `invalid boolean value "maybe"`},
		"argument":                        {[]string{"parcel", "open", "x"}, `parcel open takes only flags, but there is "x"`},
		"argument that hides a flag":      {[]string{"parcel", "open", "x.json", "--plan", "y"}, `there is "x.json"`},
		"argument behind two dashes":      {[]string{"parcel", "open", "--", "x"}, `there is "x"`},
		"help as an argument":             {[]string{"parcel", "open", "help"}, `there is "help"`},
		"empty value":                     {[]string{"parcel", "open", "--plan="}, "--plan is empty"},
		"blank value":                     {[]string{"parcel", "open", "--plan", " "}, "--plan is empty"},
		"flag twice":                      {[]string{"parcel", "open", "--plan", "a", "--plan", "b"}, "--plan is given twice"},
		"flag twice, written in two ways": {[]string{"parcel", "open", "-plan=a", "--json", "--plan", "b"}, "--plan is given twice"},
	} {
		t.Run(name, func(t *testing.T) {
			code, ran, stdout, stderr := try(t, tt.args...)
			if code != 2 || ran || stdout != "" || !strings.Contains(stderr, tt.says) {
				t.Errorf("exit code %d, ran %v, stdout %q, stderr %q", code, ran, stdout, stderr)
			}
		})
	}
}

func TestACommandIsReachedByRightUse(t *testing.T) {
	for name, args := range map[string][]string{
		"plain":                        {"parcel", "open"},
		"flags":                        {"parcel", "open", "--plan", "a", "--json"},
		"a value that looks like flag": {"parcel", "open", "--plan", "--plan"},
		"a list more than once":        {"parcel", "open", "--person", "a", "--person", "b,c"},
	} {
		if code, ran, _, stderr := try(t, args...); code != 0 || !ran {
			t.Errorf("%s: exit code %d, ran %v: %s", name, code, ran, stderr)
		}
	}
}

func TestHelpOfAGroupListsItsCommands(t *testing.T) {
	code, ran, stdout, _ := try(t, "parcel", "--help")
	if code != 0 || ran || !strings.Contains(stdout, "rollcall parcel: parcels") || !strings.Contains(stdout, "open        opens") {
		t.Errorf("exit code %d, ran %v, stdout %q", code, ran, stdout)
	}
	if _, _, stdout, _ := try(t, "parcel", "open", "--help"); !strings.Contains(stdout, "rollcall parcel open: opens") {
		t.Errorf("stdout %q", stdout)
	}
}

func TestNothingExitsButMain(t *testing.T) {
	exiter := cli.OsExiter
	t.Cleanup(func() { cli.OsExiter = exiter })
	cli.OsExiter = func(code int) { t.Errorf("urfave/cli exits by itself, with %d", code) }
	e := &environ{args: []string{"rollcall"}, stdout: io.Discard, stderr: io.Discard}
	app := newApp(e)
	app.Action = func(*cli.Context) error { return cli.Exit("no", 7) }
	if err := app.Run(e.args); exitCode(err) != exitRefused {
		t.Errorf("got %v", err)
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestOutputThatCannotBeWrittenIsNoSuccess(t *testing.T) {
	var stderr bytes.Buffer
	code := run([]string{"rollcall", "version"}, func(string) string { return "" }, strings.NewReader(""), fullDisk{}, &stderr)
	if code != exitAborted || !strings.Contains(stderr.String(), "no space left on device") {
		t.Errorf("exit code %d, stderr %q", code, stderr.String())
	}
	if code := run([]string{"rollcall", "version"}, os.Getenv, nil, io.Discard, &stderr); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

func TestTheExamplePolicyHasNoProblems(t *testing.T) {
	b, err := os.ReadFile("../../rolemap.csv")
	if err != nil {
		t.Fatal(err)
	}
	m, problems := policy.ReadRoleMap("rolemap.csv", b, "okta", "aws")
	if len(problems) > 0 || len(m.Rules) == 0 {
		t.Errorf("%d rules, problems: %+v", len(m.Rules), problems)
	}
	for _, r := range m.Rules {
		if r.Meaning == "" || r.Owner == "" || r.ApprovedBy == "" || r.ApprovedOn.IsZero() {
			t.Errorf("row %d says not what it means, who owns it or who approved it, and when", r.Row)
		}
	}
	sample, err := samples.ReadFile("sample/rolemap.csv")
	if err != nil || !bytes.Equal(sample, b) {
		t.Errorf("init writes another role map than the example (%v): copy rolemap.csv to cmd/rollcall/sample", err)
	}
}
