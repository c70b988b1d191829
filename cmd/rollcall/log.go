package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync/atomic"

	"golang.org/x/term"

	"rollcall/internal/access"
)

// The words of ROLLCALL_LOG.
const (
	logAuto = "auto" // the story as text on a terminal and as JSON elsewhere; errors as a sentence
	logText = "text" // all of it for people
	logJSON = "json" // every line for a program, errors too
)

// logs makes the log of the story on stderr. Until it is known how, or where that is
// refused, it is for people.
func (e *environ) logs() error {
	how := e.getenv("ROLLCALL_LOG")
	if how == "" {
		how = logAuto
	}
	e.run = &atomic.Pointer[access.RunID]{}
	e.log = slog.New(ofRun{slog.NewTextHandler(e.stderr, nil), e.run})
	switch how {
	case logText:
	case logAuto, logJSON:
		e.errorsAsJSON = how == logJSON
		if how == logJSON || !onTerminal(e.stderr) {
			e.log = slog.New(ofRun{slog.NewJSONHandler(e.stderr, nil), e.run})
		}
	default:
		return refuse("ROLLCALL_LOG is %q: write %s, %s or %s", how, logAuto, logText, logJSON)
	}
	return nil
}

// tellError says last why a command did not do what it should.
func (e *environ) tellError(err error) {
	if e.errorsAsJSON {
		e.log.Error(err.Error(), "exit_code", exitCode(err))
		return
	}
	fmt.Fprintf(e.stderr, "rollcall: %s\n", steadyLines(err.Error()))
}

// ofRun adds to each line of a run which run it is of.
type ofRun struct {
	slog.Handler
	run *atomic.Pointer[access.RunID]
}

// Handle adds the run, once there is one.
func (n ofRun) Handle(ctx context.Context, r slog.Record) error {
	if id := n.run.Load(); id != nil {
		r.AddAttrs(slog.String("run_id", string(*id)))
	}
	return n.Handler.Handle(ctx, r)
}

// WithAttrs keeps the run.
func (n ofRun) WithAttrs(attrs []slog.Attr) slog.Handler {
	return ofRun{n.Handler.WithAttrs(attrs), n.run}
}

// WithGroup keeps the run.
func (n ofRun) WithGroup(name string) slog.Handler { return ofRun{n.Handler.WithGroup(name), n.run} }

// changed logs what became of one action. The account is named by its id alone: a log
// goes to places where nobody is to read who leaves.
func (e *environ) changed(o access.Outcome) {
	level, a := slog.LevelInfo, o.Action
	switch o.Result {
	case access.Failed, access.Unknown, access.Pending:
		level = slog.LevelWarn
	}
	who := string(a.Account.ID)
	if e.outside.logins {
		who = a.Login
	}
	e.log.Log(context.Background(), level, fmt.Sprintf("%s %s in %s: %s", a.Verb, who, a.Account.System, o.Result),
		"system", a.Account.System, "scope", a.Account.Scope, "account_id", a.Account.ID, "stage", a.Stage, "verb", a.Verb, "outcome", o.Result, "action_id", a.ID)
}

// onTerminal reports whether somebody looks at what is written there.
func onTerminal(w io.Writer) bool {
	f, is := w.(*os.File)
	return is && term.IsTerminal(int(f.Fd()))
}

// bars is the terminal on which bars can be drawn, nil where there is none: a pipe, or
// a terminal that says of itself that it cannot move its cursor.
func (e *environ) bars() *os.File {
	if !onTerminal(e.stderr) || e.getenv("TERM") == "dumb" {
		return nil
	}
	return e.stderr.(*os.File)
}
