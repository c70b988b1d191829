package main

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"rollcall/internal/config"
	"rollcall/internal/zones"
)

// anyText is one line.
func anyText(s string) (string, error) {
	if strings.ContainsAny(s, "\r\n\x00") {
		return "", errors.New("write one line")
	}
	return s, nil
}

func zone(s string) (string, error) {
	if _, err := zones.Load(s); err != nil {
		return "", fmt.Errorf("there is no time zone %q: write one such as Europe/Amsterdam (https://en.wikipedia.org/wiki/List_of_tz_database_time_zones)", s)
	}
	return s, nil
}

// oktaAddress is the organisation's address, from what people copy out of a browser.
func oktaAddress(s string) (string, error) {
	if !strings.Contains(s, "://") {
		s = "https://" + s
	}
	at, err := url.Parse(s)
	if err != nil || at.Host == "" || at.User != nil || at.Scheme != "https" && at.Scheme != "http" {
		return "", errors.New("that is no address: write one such as https://example.okta.com")
	}
	host := strings.ToLower(at.Host)
	first, domain, _ := strings.Cut(host, ".")
	if name, admin := strings.CutSuffix(first, "-admin"); admin {
		return "", fmt.Errorf("that is the address of the Admin Console: the organisation's own is https://%s.%s", name, domain)
	}
	if name := at.Hostname(); at.Scheme == "http" && name != "localhost" && !strings.HasPrefix(name, "127.") && name != "::1" {
		return "", errors.New("http:// is only for a system on this machine: write https://, so that the token cannot be read on the way")
	}
	return at.Scheme + "://" + host, nil
}

var regions = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-[0-9]+$`)

func awsRegion(s string) (string, error) {
	if !regions.MatchString(s) {
		return "", fmt.Errorf("%q is no region of AWS: write one such as eu-west-1", s)
	}
	return s, nil
}

var envNames = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// secretPlace takes env:NAME and file:PATH. Anything else may be the secret itself,
// and is not shown.
func secretPlace(dir, s string) (string, error) {
	kind, place, _ := strings.Cut(s, ":")
	switch {
	case kind == "env" && envNames.MatchString(place):
		return s, nil
	case kind == "file" && place != "":
		return "file:" + fromDir(dir, place), nil
	}
	return "", errors.New("that is neither env:NAME nor file:PATH (it is not shown here). If it was the secret itself: it may be in your shell's history now, so make a new one, put it into a file, and write file: and its path")
}

func secretAt(said string) config.Secret {
	kind, place, _ := strings.Cut(said, ":")
	if kind == "env" {
		return config.Secret{Env: place}
	}
	return config.Secret{File: place}
}

func placeOf(s config.Secret) string {
	switch {
	case s.Env != "":
		return "env:" + s.Env
	case s.File != "":
		return "file:" + s.File
	}
	return ""
}

// fromDir is a path that was written from where somebody stands, as the configuration
// in another folder writes it.
func fromDir(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	if rel, err := filepath.Rel(dir, path); err == nil {
		return filepath.ToSlash(rel)
	}
	if abs, err := filepath.Abs(path); err == nil { // dir is absolute, path is not
		return abs
	}
	return path
}

// rosterAnswers names HR's lists after their files; one alone is that of employees.
func rosterAnswers(dir string, files []string) (all []config.RosterAnswer, err error) {
	times := map[string]int{}
	for _, file := range files {
		if info, err := os.Stat(file); err != nil || info.IsDir() {
			return nil, fmt.Errorf("%s cannot be read: name the CSV file that HR sends (it may be replaced every day)", file)
		}
		name := notName.ReplaceAllString(strings.ToLower(strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))), "_")
		if len(files) == 1 {
			name = "employees"
		}
		if times[name]++; times[name] > 1 {
			name = fmt.Sprintf("%s_%d", name, times[name])
		}
		all = append(all, config.RosterAnswer{Name: name, File: fromDir(dir, file)})
	}
	return all, nil
}

var notName = regexp.MustCompile(`[^a-z0-9_]+`)

// shownFrom is an answer of before as it would be given again: its path from where
// somebody stands.
func shownFrom(dir, answer string) string {
	if path, is := strings.CutPrefix(answer, "file:"); is && !filepath.IsAbs(path) {
		return "file:" + filepath.Join(dir, path)
	}
	return answer
}
