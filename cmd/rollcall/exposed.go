package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"rollcall/internal/config"
)

// exposure is a file or folder that other users of this machine may read or change.
type exposure struct{ file, says, meanwhile, mend string }

// exposed finds what others may change of what decides, and what they may read of what is
// secret. It is told and stops nothing: a night that does not run keeps leavers in.
func exposed(cfg config.Config) (all []exposure) {
	inputs := []string{cfg.File}
	for _, r := range cfg.Rosters {
		inputs = append(inputs, cfg.Path(r.File))
	}
	for _, p := range policyFiles {
		if file := p.path(cfg.Policy); file != "" {
			inputs = append(inputs, cfg.Path(file))
		}
	}
	var folders []string
	for _, file := range inputs {
		if mode, there := modeOf(file); there && mode&0o002 != 0 {
			all = append(all, exposure{file, "Every user of this machine may change it.", "Whoever does so decides whose access ends.", "chmod o-w " + file})
		}
		folders = append(folders, filepath.Dir(file))
	}
	folders = append(folders, filepath.Dir(cfg.Path(filepath.Join(cfg.Approvals.Dir, "x"))))
	slices.Sort(folders)
	for _, dir := range slices.Compact(folders) {
		all = append(all, openFolder(dir, "Whoever puts another file in the place of one decides whose access ends.")...)
	}
	return append(append(all, exposedOutput(cfg)...), readableSecrets(cfg)...)
}

// exposedOutput finds what others may change of what is written.
func exposedOutput(cfg config.Config) (all []exposure) {
	if !cfg.Archive.InS3() {
		all = openFolder(cfg.Path(cfg.Archive.Root), "Whoever deletes from it or writes into it can hide what was done, and make the next run believe what was not.")
	}
	return append(all, openFolder(cfg.Path(cfg.Reports.Dir), "Whoever writes into it decides what people read in the morning.")...)
}

// openFolder tells that others may rename and replace what is in a folder. In one with the
// sticky bit, such as /tmp, they may not.
func openFolder(dir, meanwhile string) []exposure {
	mode, there := modeOf(dir)
	if !there || mode&0o002 == 0 || mode&fs.ModeSticky != 0 {
		return nil
	}
	return []exposure{{dir, "Every user of this machine may write into this folder.", meanwhile, "chmod o-w " + dir}}
}

// readableSecrets finds secrets in files that others may read.
func readableSecrets(cfg config.Config) (all []exposure) {
	for _, s := range append(cfg.Secrets(), cfg.Approvals.Key) {
		if mode, there := modeOf(s.File); s.File != "" && there && mode&0o006 != 0 {
			all = append(all, exposure{s.File, fmt.Sprintf("Every user of this machine may read this secret (%s).", s.Key), "Whoever reads it can do what it lets rollcall do.", "chmod 600 " + s.File + ", and replace the secret if others were here"})
		}
	}
	return all
}

// modeOf gives the permissions of a file. Windows keeps them in another form, and shows
// none that mean something.
func modeOf(file string) (fs.FileMode, bool) {
	info, err := os.Stat(file)
	if err != nil || runtime.GOOS == "windows" {
		return 0, false
	}
	return info.Mode(), true
}

// checkExposed tells what others may read or change.
func checkExposed(k *checkup, cfg config.Config) {
	for _, x := range exposed(cfg) {
		k.note(x.file, x.says, x.meanwhile, "Take it from them: "+x.mend+".")
	}
}

// warnExposed tells the same of what is written, in the log of each run.
func (e *environ) warnExposed(cfg config.Config) {
	for _, x := range exposedOutput(cfg) {
		e.log.Warn(fmt.Sprintf("%s: %s %s Take it from them: %s", x.file, x.says, x.meanwhile, x.mend))
	}
}
