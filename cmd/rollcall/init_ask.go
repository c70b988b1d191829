package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"rollcall/internal/config"
)

// asker asks on a terminal. What it asks goes to stderr; stdout is for what was done.
type asker struct {
	ctx   context.Context
	to    io.Writer
	lines chan string // closed at the end of the input
}

// asks gives an asker, or nil where nobody would answer.
func (e *environ) asks(ctx context.Context) *asker {
	f, ok := e.stdin.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return nil
	}
	a := &asker{ctx: ctx, to: e.stderr, lines: make(chan string)}
	go func() { // it waits for lines, so that Ctrl-C need not wait for one
		defer close(a.lines)
		for r := bufio.NewReader(f); ; {
			line, err := r.ReadString('\n')
			if line != "" {
				select {
				case a.lines <- strings.TrimSpace(line):
				case <-ctx.Done():
					return
				}
			}
			if err != nil {
				return
			}
		}
	}()
	return a
}

var errStopped = errors.New("stopped")

// line asks once.
func (a *asker) line(text, usual string) (string, error) {
	if usual != "" {
		text += " [" + usual + "]"
	}
	fmt.Fprint(a.to, text+": ")
	select {
	case <-a.ctx.Done():
		fmt.Fprintln(a.to)
		return "", errStopped
	case said, more := <-a.lines:
		if !more {
			fmt.Fprintln(a.to)
			return "", errStopped
		}
		if said == "" {
			said = usual
		}
		return said, nil
	}
}

// ask asks until the answer can be used.
func (a *asker) ask(text, usual string, say func(string) (string, error)) (string, error) {
	for {
		said, err := a.line(text, usual)
		if err != nil {
			return "", err
		}
		good, err := say(said)
		if err == nil {
			return good, nil
		}
		fmt.Fprintf(a.to, "   %v\n", err)
	}
}

// yes asks for a yes or a no.
func (a *asker) yes(text string, usual bool) (bool, error) {
	word := map[bool]string{true: "yes", false: "no"}
	said, err := a.ask(text, word[usual], func(s string) (string, error) {
		switch strings.ToLower(s) {
		case "y", "yes":
			return "yes", nil
		case "n", "no":
			return "no", nil
		}
		return "", errors.New("write yes or no")
	})
	return said == "yes", err
}

// answers asks all that is not known yet; what is known is the usual answer. Without a
// name of the company there are no answers.
func (a *asker) answers(dir string, known *config.Answers) (bool, error) {
	fmt.Fprint(a.to, "Some questions. Enter takes what stands in brackets; Ctrl-C stops, and nothing is written yet.\n\n")
	name, err := a.line("The company's name (Enter: ask nothing, write samples to fill in by hand)", known.Company)
	if err != nil || name == "" {
		return false, err
	}
	known.Company = name
	if known.TimeZone == "" {
		known.TimeZone = ownZone()
	}
	if err := a.systems(known); err != nil {
		return false, err
	}
	for _, q := range questions(dir) {
		if !q.wanted(*known) {
			continue
		}
		usual := q.given(*known)
		if usual == "" {
			usual = q.fallback
		}
		said, err := a.ask(q.asks, shownFrom(dir, usual), q.answered)
		if err != nil {
			return false, err
		}
		q.set(known, said)
	}
	return true, a.rosters(dir, known)
}

// answered refuses nothing where something has to be.
func (q question) answered(s string) (string, error) {
	if s == "" && q.optional {
		return "", nil
	}
	if s == "" {
		return "", errors.New("this has to be known")
	}
	return q.say(s)
}

// systems asks which there are. One has to be.
func (a *asker) systems(known *config.Answers) error {
	fresh := known.Okta == nil && known.AWS == nil
	for {
		hasOkta, err := a.yes("Do people have accounts in Okta?", fresh || known.Okta != nil)
		if err != nil {
			return err
		}
		hasAWS, err := a.yes("Do people have accounts in AWS?", fresh || known.AWS != nil)
		if err != nil {
			return err
		}
		if !hasOkta {
			known.Okta = nil
		} else {
			oktaIn(known)
		}
		if !hasAWS {
			known.AWS = nil
		} else {
			awsIn(known)
		}
		if hasOkta || hasAWS {
			return nil
		}
		fmt.Fprintln(a.to, "   rollcall has nothing to compare then: one of the two has to be there")
	}
}

// rosters asks for HR's lists, until there is no more.
func (a *asker) rosters(dir string, known *config.Answers) error {
	if len(known.Rosters) > 0 {
		return nil
	}
	var files []string
	text := "HR's list of people, a CSV file (Enter: not there yet, a sample stands in)"
	for {
		file, err := a.ask(text, "", func(s string) (string, error) {
			if s == "" {
				return "", nil
			}
			_, err := rosterAnswers(dir, []string{s})
			return s, err
		})
		if err != nil {
			return err
		}
		if file == "" {
			break
		}
		files = append(files, file)
		text = "Another list, such as contractors (Enter: no)"
	}
	all, err := rosterAnswers(dir, files)
	known.Rosters = all
	return err
}

// ownZone is the zone of this machine, if it has a name.
func ownZone() string {
	if name := time.Local.String(); name != "Local" && name != "UTC" {
		return name
	}
	if to, err := os.Readlink("/etc/localtime"); err == nil {
		if _, name, found := strings.Cut(to, "zoneinfo/"); found && name != "Etc/UTC" && name != "UTC" {
			return name
		}
	}
	return ""
}
