package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/urfave/cli/v2"

	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/internal/phrase"
)

// environ is everything of the outside world that a command may use.
type environ struct {
	args           []string
	getenv         func(string) string
	stdin          io.Reader
	stdout, stderr io.Writer
	now            func() time.Time
	log            *slog.Logger // the story, on stderr
	// run is the one that is at work, for each line of the log; nil: the log names none.
	run          *atomic.Pointer[access.RunID]
	errorsAsJSON bool
	outside      outside // what a test or the demo puts in the real world's place
	vault        *vault  // what was fetched from AWS
}

// commands is the list of commands, in the order of the help.
func commands(e *environ) []*cli.Command {
	return []*cli.Command{
		demoCommand(e),
		initCommand(e),
		checkCommand(e),
		planCommand(e),
		applyCommand(e),
		nightlyCommand(e),
		sweepCommand(e),
		statusCommand(e),
		revokeCommand(e),
		approveCommand(e),
		restoreCommand(e),
		rolemapCommand(e),
		whyCommand(e),
		reviewCommand(e),
		noticesCommand(e),
		auditCommand(e),
		runbookCommand(e),
		completionCommand(e),
		versionCommand(e),
		helpCommand(),
	}
}

// run is the whole program; args begins with the program's name.
func run(args []string, getenv func(string) string, stdin io.Reader, stdout, stderr io.Writer) int {
	out := &checkedWriter{w: stdout}
	e := &environ{args: args, getenv: getenv, stdin: stdin, stdout: out, stderr: stderr, now: time.Now}
	unclear := e.logs()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if n := len(args) - 1; n > 0 && args[n] == completeFlag {
		complete(ctx, e, args[1:n])
		return 0
	}
	err := unclear
	if err == nil {
		err = newApp(e).RunContext(ctx, args)
	}
	if err == nil && out.err != nil {
		err = fmt.Errorf("write the output: %w: free some space or check where it goes, then run it again", out.err)
	}
	if err != nil && err.Error() != "" {
		e.tellError(err)
	}
	return exitCode(err)
}

// checkedWriter remembers that the output is not whole, which the many small
// writes to stdout would not notice.
type checkedWriter struct {
	w   io.Writer
	err error
}

func (c *checkedWriter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.err = errors.Join(c.err, err)
	return n, err
}

// newApp closes the traps of urfave/cli v2: it exits by itself, prints usage
// errors on stdout, and takes an unknown command for success.
func newApp(e *environ) *cli.App {
	if e.vault == nil {
		e.vault = newVault()
	}
	app := &cli.App{
		Name: "rollcall", Usage: "who works here, what may they reach, what do they reach",
		CustomAppHelpTemplate: appHelp,
		Commands:              commands(e),
		Writer:                e.stdout, ErrWriter: e.stderr, Reader: e.stdin,
		// Our own help command displaces the flag too.
		Flags:           []cli.Flag{cli.HelpFlag},
		HideHelpCommand: true, HideVersion: true, DisableSliceFlagSeparator: true,
		ExitErrHandler: func(*cli.Context, error) {},
		OnUsageError:   badFlag,
	}
	app.Action = func(c *cli.Context) error { return noCommand(c, "", app.Commands) }
	for _, c := range app.Commands {
		harden(e, c, c.Name)
	}
	return app
}

// harden makes a command, and those below it, refuse what urfave/cli would let
// pass: arguments, empty and repeated flags.
func harden(e *environ, c *cli.Command, path string) {
	c.OnUsageError, c.HideHelpCommand, c.CustomHelpTemplate = badFlag, true, commandHelp
	for _, sub := range c.Subcommands {
		harden(e, sub, path+" "+sub.Name)
	}
	action := c.Action
	c.Action = func(ctx *cli.Context) error {
		if len(c.Subcommands) > 0 {
			return noCommand(ctx, path+" ", c.Subcommands)
		}
		if ctx.NArg() > 0 {
			return refuse("%s takes only flags, but there is %q (and what follows a word like that is not read as a flag): see rollcall %s --help", path, ctx.Args().First(), path)
		}
		for _, f := range c.Flags {
			if err := usableFlag(e, ctx, f, path); err != nil {
				return err
			}
		}
		return action(ctx)
	}
}

func usableFlag(e *environ, ctx *cli.Context, f cli.Flag, path string) error {
	name := f.Names()[0]
	if _, isText := f.(*cli.StringFlag); isText && ctx.IsSet(name) && strings.TrimSpace(ctx.String(name)) == "" {
		return refuse("--%s is empty: give it a value, or leave it out: see rollcall %s --help", name, path)
	}
	if _, isList := f.(cli.DocGenerationSliceFlag); !isList && timesSet(e.args, ctx.Command.Flags, name) > 1 {
		return refuse("--%s is given twice: keep one: see rollcall %s --help", name, path)
	}
	return nil
}

// timesSet counts a flag in arguments that are already known to be flags and
// their values only; the package flag would silently take the last one.
func timesSet(args []string, flags []cli.Flag, name string) (times int) {
	for i := 1; i < len(args); i++ {
		if !strings.HasPrefix(args[i], "-") {
			continue // the name of the command
		}
		given, _, hasValue := strings.Cut(strings.TrimLeft(args[i], "-"), "=")
		if given == name {
			times++
		}
		if !hasValue && takesValue(flags, given) {
			i++
		}
	}
	return times
}

func takesValue(flags []cli.Flag, name string) bool {
	for _, f := range flags {
		if doc, ok := f.(cli.DocGenerationFlag); ok && f.Names()[0] == name {
			return doc.TakesValue()
		}
	}
	return false
}

// noCommand refuses a command that there is not, or the lack of one.
func noCommand(c *cli.Context, path string, known []*cli.Command) error {
	var names []string
	for _, k := range known {
		if !k.Hidden {
			names = append(names, k.Name)
		}
	}
	word := c.Args().First()
	if word == "" {
		return refuse("there is no command after %q (known: %s): see rollcall %s--help", strings.TrimSpace("rollcall "+path), strings.Join(names, ", "), path)
	}
	hint := ""
	if near := phrase.Nearest(names, word); len(near) > 0 {
		hint = fmt.Sprintf("; did you mean %q?", near[0])
	}
	return refuse("unknown command %q (known: %s)%s: see rollcall %s--help", path+word, strings.Join(names, ", "), hint, path)
}

// badFlag is OnUsageError everywhere: without it the usage goes to stdout.
func badFlag(c *cli.Context, err error, isSubcommand bool) error {
	if isSubcommand {
		return refuse("%w%s: see %s --help", err, meantFlag(c.Command.Flags, err), c.Command.HelpName)
	}
	return refuse("%w: flags come after the command: see rollcall --help", err)
}

// meantFlag names the flag that may have been meant by one that there is not.
func meantFlag(flags []cli.Flag, err error) string {
	_, unknown, is := strings.Cut(err.Error(), "not defined: -")
	if !is {
		return ""
	}
	var names []string
	for _, f := range flags {
		names = append(names, f.Names()[0])
	}
	near := phrase.Nearest(names, strings.TrimLeft(unknown, "-"))
	if len(near) == 0 {
		return ""
	}
	return "; did you mean --" + near[0] + "?"
}

func configFlag() cli.Flag {
	return &cli.StringFlag{Name: "config", Value: "rollcall.yaml", Usage: "the configuration `FILE`; paths in it start in its folder"}
}

func jsonFlag() cli.Flag {
	return &cli.BoolFlag{Name: "json", Usage: "write JSON, for a program to read", DisableDefaultText: true}
}

// config reads the configuration that --config names.
func (e *environ) config(c *cli.Context) (config.Config, error) {
	return readConfig(c.String("config"), ": make one with rollcall init, or name yours with --config")
}

// readConfig reads the configuration in a file. Mend is added to what is said when it
// cannot be read.
func readConfig(file, mend string) (config.Config, error) {
	b, err := readFrom(file, config.MaxBytes)
	if err != nil {
		return config.Config{}, refuse("read the configuration: %w%s", err, mend)
	}
	cfg, err := config.Load(file, b)
	if err != nil {
		return config.Config{}, refuse("the configuration is refused:\n%w", err)
	}
	return cfg, nil
}
