//go:build system

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// typedSoFar are command lines of which the last word is not ended, and a word that it is
// completed to; whole is the word as the line has it then, where nothing else fits.
var typedSoFar = []struct{ line, offers, whole string }{
	{"rollcall vers", "version", "version"},
	{"rollcall rolemap sug", "suggest", "suggest"},
	{"rollcall audit verify --arch", "--archive", "--archive"},
	{"rollcall review ", "open", ""},
	{"rollcall nightly --conf", "--config", ""},
	{"rollcall audit ask --question leavers-a", "leavers-active", "leavers-active"},
	{"rollcall audit ask --explain wh", "who-reaches", "who-reaches"},
	{"rollcall audit ask --question who-reaches --person E100", "E1004", ""},
	{"rollcall audit ask --question who-reaches --person E127", "E1279", ""},
	{"rollcall audit ask --question who-reaches --system a", "aws", "aws"},
	{"rollcall audit ask --question who-reaches --entitlement ADP\\ Pay", "ADP Payroll", `ADP\ Payroll`},
}

// demoToComplete is a folder with two nights, and an environment in which it is the
// current one.
func demoToComplete(t *testing.T) (dir string, env []string) {
	t.Helper()
	dir, env = filepath.Join(t.TempDir(), "demo"), append(os.Environ(), "PATH="+asRollcall(t)+":"+os.Getenv("PATH"), "TERM=dumb")
	inShell(t, ".", env, "sh", "-c", "rollcall demo --keep "+dir)
	return dir, env
}

func inShell(t *testing.T, dir string, env []string, command ...string) string {
	t.Helper()
	c := exec.CommandContext(t.Context(), command[0], command[1:]...)
	c.Dir, c.Env = dir, env
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v\n%s", command, err, out)
	}
	return string(out)
}

// Each shell is asked by its own means, with the script that rollcall prints for it.
func TestRealShellsComplete(t *testing.T) {
	dir, env := demoToComplete(t)
	for _, shell := range []struct {
		name string
		ask  func(*testing.T, string, []string, string) []string
	}{{"bash", bashOffers}, {"fish", fishOffers}} {
		t.Run(shell.name, func(t *testing.T) {
			for _, one := range typedSoFar {
				if got := shell.ask(t, dir, env, one.line); !slices.Contains(got, one.offers) || one.whole != "" && len(got) != 1 {
					t.Errorf("%q is completed to %q", one.line, got)
				}
			}
		})
	}
	t.Run("zsh", func(t *testing.T) {
		for _, one := range typedSoFar {
			switch got := zshLine(t, dir, env, one.line); {
			case one.whole == "" && strings.HasSuffix(one.line, "--conf"): // zsh goes on as far as all agree, and lists at the next tab
				if !strings.Contains(got, "<rollcall nightly --confi>") {
					t.Errorf("%q becomes %q", one.line, got)
				}
			case one.whole == "" && !strings.Contains(got, one.offers):
				t.Errorf("%q: it does not list %s: %q", one.line, one.offers, got)
			case one.whole != "" && !strings.Contains(got, "<"+one.line[:lastWord(one.line)]+one.whole+" >"):
				t.Errorf("%q becomes %q", one.line, got)
			}
		}
	})
}

// lastWord is where the last word of a line begins; \ keeps a space within a word.
func lastWord(line string) int {
	at := strings.LastIndex(line, " ")
	for at > 0 && line[at-1] == '\\' {
		at = strings.LastIndex(line[:at], " ")
	}
	return at + 1
}

// bashOffers is what bash would insert or list.
func bashOffers(t *testing.T, dir string, env []string, line string) (all []string) {
	script := `source <(rollcall completion bash)
COMP_LINE=$1 COMP_POINT=${#1}
eval "COMP_WORDS=($1)"
[[ $1 == *" " ]] && COMP_WORDS+=("")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
[[ $(complete -p rollcall) == *"-F _rollcall rollcall" ]] || exit 3
_rollcall rollcall "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
printf '%s\n' "${COMPREPLY[@]}"`
	for _, word := range strings.Fields(strings.ReplaceAll(inShell(t, dir, env, "bash", "--norc", "-c", script, "bash", line), `\ `, "\x00")) {
		all = append(all, strings.ReplaceAll(word, "\x00", " "))
	}
	return all
}

func fishOffers(t *testing.T, dir string, env []string, line string) []string {
	out := inShell(t, dir, append(env, "HOME="+t.TempDir()), "fish", "--no-config", "-c", fmt.Sprintf("rollcall completion fish | source; complete -C '%s'", strings.ReplaceAll(line, `\`, `\\`)))
	return strings.Split(strings.TrimSpace(out), "\n")
}

// zshLine types a line and a tab in a real zsh on a terminal of its own, and gives what
// the terminal showed: what was listed, and in <> what the line had become.
func zshLine(t *testing.T, dir string, env []string, line string) string {
	script := `zmodload zsh/zpty
zpty z zsh -f -i
say() { zpty -w z "$1" }
until_said() { local all= part; while zpty -r z part; do all+=$part; [[ $all == *$1* ]] && break; done; print -r -- $all }
say "PROMPT= RPROMPT=; unsetopt zle_bracketed_paste prompt_sp; autoload -U compinit; compinit -u -D; source <(rollcall completion zsh)"
say "dump() { print -r -- \"LINE<\$BUFFER>\"; BUFFER=; zle -R }; zle -N dump; bindkey '^X' dump; setopt auto_list no_list_beep; LISTMAX=1000; print READY''NOW"
until_said READYNOW >/dev/null
zpty -n -w z "$1"$'\t'$'\x18'
until_said '>' | tr -d '\r'
zpty -d z`
	return inShell(t, dir, append(env, "HOME="+t.TempDir()), "zsh", "-f", "-c", script, "zsh", line)
}
