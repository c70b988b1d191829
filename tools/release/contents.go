package main

import (
	"bytes"
	"context"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// billOfMaterials lists, as CycloneDX, the modules that a binary was made of: read from
// the binary itself.
func (r *release) billOfMaterials(ctx context.Context, file, to string) error {
	file, err := filepath.Abs(file)
	if err != nil {
		return err
	}
	c := r.golang(ctx, "tool", "cyclonedx-gomod", "bin", "-json", "-std", "-noserial", "-notimestamp", "-version", r.version, file)
	c.Dir = filepath.Join(r.source, "tools", "release")
	out, err := c.Output()
	if err != nil {
		return err
	}
	out, err = r.named(out, file)
	if err != nil {
		return err
	}
	return os.WriteFile(to, out, 0o644)
}

// named adds to a bill of what it is, and takes out the digests of the tool's own program,
// which differ from machine to machine.
func (r *release) named(bill []byte, file string) ([]byte, error) {
	var b map[string]any
	if err := json.Unmarshal(bill, &b); err != nil {
		return nil, err
	}
	meta, ok := b["metadata"].(map[string]any)
	if !ok {
		return nil, errors.New("it says nothing of what it is a bill of")
	}
	commit := r.commit
	if r.changed {
		commit += " with changes"
	}
	props, _ := meta["properties"].([]any)
	meta["properties"] = append(props, map[string]any{"name": "rollcall:commit", "value": commit}, map[string]any{"name": "rollcall:file", "value": filepath.Base(file)})
	if tools, ok := meta["tools"].([]any); ok {
		for _, one := range tools {
			if tool, ok := one.(map[string]any); ok {
				delete(tool, "hashes")
			}
		}
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(b)
	return out.Bytes(), err
}

// module is one that is in a binary.
type module struct{ path, version, dir string }

// licences writes the licence and the notices of everything that is in one of the
// binaries. A module without a licence stops the release: it may not be given away.
func (r *release) licences(ctx context.Context, platforms []platform) error {
	modules, err := r.modules(ctx, platforms)
	if err != nil {
		return err
	}
	var list, texts strings.Builder
	for _, m := range modules {
		found, err := papers(m.dir)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return fmt.Errorf("%s %s has no licence: it may not be given away", m.path, m.version)
		}
		fmt.Fprintf(&list, "%-70s %-40s %s\n", m.path, m.version, nameOf(found[0].text))
		for _, p := range found {
			fmt.Fprintf(&texts, "\n%s\n%s %s: %s\n%s\n\n%s\n", strings.Repeat("=", 80), m.path, m.version, p.name, strings.Repeat("=", 80), strings.TrimSpace(p.text))
		}
	}
	text := "rollcall " + r.version + ": what else is in it, and under which licences. The texts follow the list.\n\n" + list.String() + texts.String()
	return os.WriteFile(filepath.Join(r.out, "LICENCES.txt"), []byte(text), 0o644)
}

// modules are those of all binaries, and Go itself, whose library is in each.
func (r *release) modules(ctx context.Context, platforms []platform) ([]module, error) {
	var paths []string
	goVersion := ""
	for _, p := range platforms {
		name := filepath.Join(r.out, "rollcall_"+r.version+"_"+p.String())
		if p.os == "windows" {
			name += ".exe"
		}
		info, err := buildinfo.ReadFile(name)
		if err != nil {
			return nil, err
		}
		goVersion = info.GoVersion
		for _, d := range info.Deps {
			paths = append(paths, d.Path)
		}
	}
	slices.Sort(paths)
	paths = slices.Compact(paths)
	out, err := r.golang(ctx, append([]string{"list", "-m", "-f", "{{.Path}}\t{{.Version}}\t{{.Dir}}"}, paths...)...).Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	root, err := r.golang(ctx, "env", "GOROOT").Output()
	if err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	zones, err := r.zones()
	if err != nil {
		return nil, err
	}
	all := []module{{"Go's own library", goVersion, strings.TrimSpace(string(root))}, zones}
	for line := range strings.Lines(string(out)) {
		f := strings.Split(strings.TrimSpace(line), "\t")
		if len(f) != 3 {
			return nil, fmt.Errorf("go list says %q of a module: fetch all with go mod download", line)
		}
		all = append(all, module{f[0], f[1], f[2]})
	}
	return all, nil
}

var zonesPinned = regexp.MustCompile(`(?m)^tzdata==(\S+) `)

// zones is the table that is compiled in: no module, with its licence beside it.
func (r *release) zones() (module, error) {
	b, err := os.ReadFile(filepath.Join(r.source, "tools", "requirements-zones.txt"))
	if err != nil {
		return module{}, err
	}
	m := zonesPinned.FindSubmatch(b)
	if m == nil {
		return module{}, errors.New("tools/requirements-zones.txt does not say which tzdata is compiled in")
	}
	return module{"tzdata (time zones)", string(m[1]), filepath.Join(r.source, "internal", "zones")}, nil
}

// paper is a text that has to go along with a module.
type paper struct{ name, text string }

var papersNamed = regexp.MustCompile(`(?i)^((un)?licen[cs]e|copying|notice|patents)(\b|[-_.]|$)`)

// papers are those in a module's folder, the licence first.
func papers(dir string) (all []paper, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if e.IsDir() && e.Name() == "licenses" { // texts to choose from: all but the one that is not chosen
			texts, err := filepath.Glob(filepath.Join(dir, "licenses", "[!g]*.txt"))
			if err != nil {
				return nil, err
			}
			for _, file := range texts {
				b, err := os.ReadFile(file)
				if err != nil {
					return nil, err
				}
				all = append(all, paper{"licenses/" + filepath.Base(file), string(b)})
			}
		}
		if !papersNamed.MatchString(e.Name()) || e.IsDir() {
			continue
		}
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		all = append(all, paper{e.Name(), string(b)})
	}
	slices.SortStableFunc(all, func(a, b paper) int { return len(nameless(a.text)) - len(nameless(b.text)) })
	return all, nil
}

// nameless is "?" for what is no licence that has a name here.
func nameless(text string) string {
	if nameOf(text) == "see its text" {
		return "?"
	}
	return ""
}

// licenceWords are sentences by which the usual licences are known.
var licenceWords = []struct{ name, words string }{
	{"Apache-2.0", "Apache License Version 2.0"},
	{"Apache-2.0", "Licensed under the Apache License, Version 2.0"},
	{"MPL-2.0", "Mozilla Public License Version 2.0"},
	{"MPL-2.0", "Mozilla Public License, version 2.0"},
	{"BSD-3-Clause", "may be used to endorse or promote products derived from this software"},
	{"BSD-2-Clause", "Redistributions in binary form must reproduce the above copyright notice"},
	{"ISC", "Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee"},
	{"ISC", "Permission to use, copy, modify, and distribute this software for any purpose with or without fee"},
	{"MIT", "Permission is hereby granted, free of charge, to any person obtaining a copy of this software"},
	{"FTL", "subject to your choice of exactly one of the following two licenses: * The FreeType License"},
	{"Unlicense", "This is free and unencumbered software released into the public domain"},
}

func nameOf(text string) string {
	flat := strings.ToLower(strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || r == '>' }), " ")) // > quotes, in Markdown
	for _, l := range licenceWords {
		if strings.Contains(flat, strings.ToLower(l.words)) {
			return l.name
		}
	}
	return "see its text"
}
