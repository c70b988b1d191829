package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/sandbox/company"
	"rollcall/reports"
)

// demoLog prints the story of a night without the time of a clock that is not
// the reader's.
type demoLog struct{ w io.Writer }

// Enabled is all that a night says.
func (demoLog) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelInfo }

// Handle prints the sentence alone.
func (l demoLog) Handle(_ context.Context, r slog.Record) error {
	_, err := fmt.Fprintln(l.w, "   "+r.Message)
	return err
}

// WithAttrs and WithGroup change nothing: the sentences carry all there is.
func (l demoLog) WithAttrs([]slog.Attr) slog.Handler { return l }

// WithGroup is WithAttrs.
func (l demoLog) WithGroup(string) slog.Handler { return l }

func (d *demo) say(format string, args ...any) { fmt.Fprintf(d.e.stdout, format+"\n", args...) }

func (d *demo) headline(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	d.say("\n%s\n%s", text, strings.Repeat("=", len(text)))
}

func (d *demo) sayBegin() {
	d.say("%s has %d people on HR's lists, an Okta and an AWS. Both run inside this", company.Name, len(d.company.People))
	d.say("command, on this machine only; nothing real is touched. Everything that the nights")
	d.say("read and write is in\n   %s", d.dir)
}

func (d *demo) sayNight(mode access.Mode) {
	at := d.state.night(d.state.Played)
	what := "rollcall only looks: nothing is changed in any system"
	if mode == access.Enforce {
		what = "rollcall may act"
	}
	d.headline("Night %d, %s, mode: %s (%s)", d.state.Played+1, at.Format("Monday 2 January, 15:04"), mode, what)
}

func (d *demo) sayNextDay() {
	d.headline("The day after")
	d.say("HR replaced employees.csv and contractors.csv: people left, two started, one moved,")
	d.say("and one is missing without a word. IT made a login for somebody who starts today.")
	d.say("After midnight somebody who had left opened an application with an old session, and")
	d.say("somebody used the break-glass account: only Okta's log tells of both.")
	d.say("Somebody read the first night's summary and changed one line of rollcall.yaml:")
	d.say("   mode: observe   is now   mode: enforce")
}

func (d *demo) sayAgain() {
	d.say("The demo in %s goes on: one day later, with what its files say now.", d.dir)
}

// explain says what the night's own exit code means for cron or CI.
func (d *demo) explain(code int) {
	means := map[int]string{
		exitDone:       "everything was done, and nothing was held back",
		exitHeld:       "a guard held\nsomething back, which a person must decide; all the rest was done. It stays so every\nnight until somebody has decided",
		exitIncomplete: "a system could not be read to its end, or a policy file\ncould not be used; what does not rest on that was done",
		exitFailed:     "an action failed or could not be seen to have worked; the next night tries again",
	}[code]
	d.say("\nRun by cron or CI, this night would have ended with exit code %d: %s.", code, means)
}

// sayEnd names the files to open next.
func (d *demo) sayEnd() error {
	run, err := newestRun(d.path("reports"))
	if err != nil {
		return exitError{exitAborted, fmt.Errorf("find the reports of the last night: %w", err)}
	}
	d.headline("What to open next")
	d.say("   %s\n      the night on one page: open it in a browser. reports/index.html lists every run", d.path("reports", run, reports.PageName))
	if sheet, rows := busiestSheet(d.path("reports", run)); sheet != "" {
		d.say("   %s\n      what one manager is asked: %d rows need an answer, and they come first", sheet, rows)
	}
	if err := d.writeRunbooks(); err != nil {
		d.say("   No runbooks were written: %v", err)
	} else {
		d.say("   %s\n      what to do, step by step, for HR, reviewers, compliance, IT on call and security", d.path(runbookFolder, "index.html"))
	}
	d.say("   %s\n      the evidence: Parquet tables by night, the journal of every change, the signed chain", d.path("archive"))
	d.say("   %s audit verify --config %s\n      checks every byte of it", d.self(), d.path("rollcall.yaml"))
	if !d.keep {
		d.say("\nThe folder stays until you delete it. With --keep DIR the company goes on: change a\nfile, run the same command again, and the next night is played.")
		return nil
	}
	d.say("\nChange a file in %s and run the same command again:\nit plays the next night and closes only what is new. For instance:", d.dir)
	d.suggest()
	return nil
}

// suggest names a change that the next night will show.
func (d *demo) suggest() {
	missing, today := d.company.Cast[company.Vanished], d.state.night(d.state.Played-1).Format(time.DateOnly)
	answers, err := readInput(d.path("answers.csv"))
	if err != nil || strings.Contains(string(answers), missing.ID) {
		d.say("%s is protected by a line of rollcall.yaml. Take it out.", d.company.Cast[company.LeaverProtected].Name)
		return
	}
	d.say("%s is no longer in HR's file. If that means that they left, say so at the end of\nanswers.csv:", missing.Name)
	d.say("   employees,%s,left,,%s,Your Name,%s", missing.ID, today, today)
}

// self is how this program was called, for commands to copy.
func (d *demo) self() string {
	called := "rollcall"
	if len(d.e.args) > 0 {
		called = d.e.args[0]
	}
	if strings.Contains(called, "go-build") { // go run builds where nobody finds it
		return "go run ./cmd/rollcall"
	}
	return called
}

// serve leaves the systems up until the context ends, on the real clock.
func (d *demo) serve(ctx context.Context) {
	d.clock.real()
	d.headline("The sandbox stays up until Ctrl-C")
	d.say("In another terminal:")
	d.say("   export AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s", company.AWSKeyID, company.AWSSecret)
	d.say("   %s check --config %s", d.self(), d.path("rollcall.yaml"))
	d.say("   %s plan --config %s", d.self(), d.path("rollcall.yaml"))
	d.say("   %s apply --plan plan.json --config %s", d.self(), d.path("rollcall.yaml"))
	d.say("They run on the real clock, and change the same systems and the same archive.")
	d.say("Or begin as a company does that has never seen rollcall, in a folder of its own:")
	d.say("   %s init --connect --dir acme --company %q --timezone %s --okta-url http://%s --okta-token file:%s --aws-region %s --aws-role %s --aws-management-role %s --aws-endpoint http://%s --roster %s --roster %s",
		d.self(), company.Name, company.Zone, d.state.Okta, d.path("keys", "okta-read.token"), company.Region, company.ReadRole, company.ReadRole, d.state.AWS,
		d.path("employees.csv"), d.path("contractors.csv"))
	<-ctx.Done()
	d.say("\nThe sandbox is saved in %s.", d.path("sandbox"))
}
