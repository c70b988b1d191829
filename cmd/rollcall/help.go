package main

import "github.com/urfave/cli/v2"

// appHelp is a text/template over the cli.App.
const appHelp = `rollcall calls the roll every night: who works here, what may they reach, what
do they reach.

THE NIGHT
   1. Read HR's lists and the files in which people decide who may have what.
   2. Read every account and right in Okta and AWS, and prove that none is missing.
   3. Decide: who certainly left, who holds what no rule gives, what a person must judge.
   4. Block the accounts of people who left: only with mode: enforce, only within the guards.
   5. Write worksheets for reviewers, and the signed record for auditors.

USAGE
   rollcall COMMAND [flags]

COMMANDS
{{range .VisibleCommands}}   {{printf "%-12s" .Name}}{{.Usage}}
{{end}}
EXIT CODES
   0  done
   1  aborted, or the record could not be kept
   2  refused before anything was attempted: usage, configuration or an input file
   3  a guard held something back; the rest was done
   4  a system or a policy file could not be read completely; the rest was done
   5  an action failed or could not be verified

WHERE TO GO NEXT
   rollcall init --dir acme     a configuration and sample files to start from
   rollcall check               is everything that rollcall reads in order?
   rollcall COMMAND --help      what a command does, and its flags
`

// commandHelp is a text/template over a cli.Command; the default one shows
// arguments, which no command takes.
const commandHelp = `{{.HelpName}}: {{.Usage}}
{{if .Description}}
{{.Description}}
{{end}}{{if .VisibleCommands}}
COMMANDS
{{range .VisibleCommands}}   {{printf "%-12s" .Name}}{{.Usage}}
{{end}}{{end}}{{if .VisibleFlags}}
FLAGS
{{range .VisibleFlags}}   {{.}}
{{end}}{{end}}`

func helpCommand() *cli.Command {
	return &cli.Command{Name: "help", Usage: "this text", Action: cli.ShowAppHelp}
}
