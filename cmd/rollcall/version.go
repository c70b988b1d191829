package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"runtime/debug"

	"github.com/urfave/cli/v2"

	"rollcall/internal/zones"
)

// build says which rollcall this is.
type build struct {
	Version  string `json:"version"`
	Commit   string `json:"commit"`
	Modified bool   `json:"modified"` // built from files that were not committed
	Go       string `json:"go"`
	Zones    string `json:"zones"` // release of IANA's time zones
}

// What a release is built with (tools/release): -ldflags "-X main.version=v0.1.0".
var version, commit, changed string

func thisProgram() build {
	b := built()
	b.Zones = zones.Version()
	return b
}

// built is what the build says of itself.
func built() build {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{Main: debug.Module{Version: "unknown"}}
	}
	if version != "" {
		return build{Version: version, Commit: cmp.Or(commit, "unknown"), Modified: changed != "", Go: info.GoVersion}
	}
	b := build{Version: info.Main.Version, Commit: "unknown", Go: info.GoVersion}
	if b.Version == "" {
		b.Version = "(devel)"
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	return b
}

func (b build) String() string {
	s := "rollcall " + b.Version + ", commit " + b.Commit
	if b.Modified {
		s += " with changes"
	}
	return s + ", " + b.Go + ", time zones " + b.Zones
}

func versionCommand(e *environ) *cli.Command {
	return &cli.Command{
		Name: "version", Usage: "which rollcall this is",
		Flags: []cli.Flag{jsonFlag()},
		Action: func(c *cli.Context) error {
			if c.Bool("json") {
				return writeJSON(e, thisProgram())
			}
			fmt.Fprintln(e.stdout, thisProgram())
			return nil
		},
	}
}

func writeJSON(e *environ, v any) error {
	enc := json.NewEncoder(e.stdout)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
