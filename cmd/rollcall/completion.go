package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"rollcall/reports/audit"
)

// completeFlag ends the words of a command line that is to be completed.
const completeFlag = "--complete-this"

// completeWithin is how long somebody waits for a completion.
const completeWithin = 3 * time.Second

const completionHelp = `Prints what makes a shell complete commands, flags, the names of questions, and people,
rights, systems, reviews and days from the archive:

   source <(rollcall completion bash)       # in ~/.bashrc
   source <(rollcall completion zsh)        # in ~/.zshrc
   rollcall completion fish | source        # in ~/.config/fish/config.fish`

// completionScripts ask rollcall itself, with the words up to the cursor.
var completionScripts = []struct{ shell, script string }{
	{"bash", `_rollcall() {
  local IFS=$'\n'
  COMPREPLY=($(rollcall "${COMP_WORDS[@]:1:COMP_CWORD}" --complete-this 2>/dev/null))
  if [[ ${#COMPREPLY[@]} -gt 0 ]]; then COMPREPLY=($(printf '%q\n' "${COMPREPLY[@]}")); fi
}
complete -o default -F _rollcall rollcall
`},
	{"zsh", `_rollcall() {
  local -a found
  found=("${(@f)$(rollcall "${(@Q)words[2,CURRENT]}" --complete-this 2>/dev/null)}")
  if [[ -n "$found" ]]; then compadd -a found; else _files; fi
}
compdef _rollcall rollcall
`},
	{"fish", `function __rollcall
  set -l words (commandline -opc) (string unescape -- (commandline -ct))
  set -l found (rollcall $words[2..-1] --complete-this 2>/dev/null)
  if set -q found[1]
    printf '%s\n' $found
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c rollcall -f -a '(__rollcall)'
`},
}

func completionCommand(e *environ) *cli.Command {
	c := &cli.Command{Name: "completion", Usage: "what makes a shell complete rollcall's commands, flags and values", Description: completionHelp}
	for _, s := range completionScripts {
		c.Subcommands = append(c.Subcommands, &cli.Command{Name: s.shell, Usage: "for " + s.shell, Action: func(*cli.Context) error {
			_, err := fmt.Fprint(e.stdout, s.script)
			return err
		}})
	}
	return c
}

// complete prints what the last of the words may go on to. It says nothing of errors:
// whoever types is not done yet.
func complete(ctx context.Context, e *environ, words []string) {
	if len(words) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, completeWithin)
	defer cancel()
	found := make(chan []string, 1)
	go func() { found <- candidates(ctx, e, words[:len(words)-1]) }()
	select {
	case <-ctx.Done():
	case all := <-found:
		for _, one := range all {
			if strings.HasPrefix(one, words[len(words)-1]) {
				fmt.Fprintln(e.stdout, one)
			}
		}
	}
}

// candidates are what may follow these words.
func candidates(ctx context.Context, e *environ, words []string) (all []string) {
	command := &cli.Command{Subcommands: newApp(e).Commands}
	path := ""
	for _, w := range words {
		for _, sub := range command.Subcommands {
			if sub.Name == w {
				command, path = sub, path+" "+w
				break
			}
		}
	}
	if last := strings.TrimLeft(previous(words), "-"); strings.HasPrefix(previous(words), "-") && takesValue(command.Flags, last) {
		return valuesOf(ctx, e, path, last, words)
	}
	for _, sub := range command.Subcommands {
		if !sub.Hidden {
			all = append(all, sub.Name)
		}
	}
	for _, f := range command.Flags {
		if timesSet(append([]string{""}, words...), command.Flags, f.Names()[0]) == 0 {
			all = append(all, "--"+f.Names()[0])
		}
	}
	return all
}

// previous is the word before the one that is being typed.
func previous(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return words[len(words)-1]
}

// valuesOf are the values that a flag may have, where rollcall knows them; where it
// does not, the shell offers files.
func valuesOf(ctx context.Context, e *environ, path, name string, words []string) (all []string) {
	if !strings.HasPrefix(path, " audit") {
		return nil
	}
	switch name {
	case "question", "explain":
		questions, _ := audit.Questions()
		for _, q := range questions {
			all = append(all, q.Name)
		}
		return all
	case "format":
		return formats()
	case "engine":
		return []string{"duckdb", "athena"}
	case "config", "archive", "key", "out", "bundle", "file":
		return nil
	}
	quiet := *e
	quiet.stderr = io.Discard
	opened, _, err := quiet.openAudited(placeIn(ctx, words))
	if err != nil {
		return nil
	}
	all, _ = opened.Offers(name)
	return all
}

// placeIn is a command line as far as it says where the archive is.
func placeIn(ctx context.Context, words []string) *cli.Context {
	set := flag.NewFlagSet("typed", flag.ContinueOnError)
	for _, f := range archiveFlags() {
		_ = f.Apply(set) // flags of texts always fit
	}
	for i, w := range words {
		name, value, joined := strings.Cut(strings.TrimLeft(w, "-"), "=")
		if !strings.HasPrefix(w, "-") || set.Lookup(name) == nil {
			continue
		}
		if !joined && i+1 < len(words) {
			value = words[i+1]
		}
		_ = set.Set(name, value) // a text always is one
	}
	c := cli.NewContext(cli.NewApp(), set, nil)
	c.Context = ctx
	return c
}
