//go:build system

package deploytest

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// units copies the units into a folder of their own, with programs that this machine has.
func units(t *testing.T, change func(name, text string) string) (dir string, files []string) {
	t.Helper()
	dir = t.TempDir()
	for _, name := range []string{"rollcall-nightly.service", "rollcall-nightly.timer", "rollcall-sweep.service", "rollcall-sweep.timer", "rollcall-notices.service", "rollcall-notices.timer", "rollcall-failed@.service"} {
		_, text := running(t, "systemd", name)
		text = regexp.MustCompile(`/usr/local/bin/rollcall|/usr/sbin/sendmail`).ReplaceAllString(change(name, text), "/bin/true")
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, "./"+strings.Replace(name, "@", "@x", 1))
	}
	return dir, files
}

// analyzed is what systemd itself says of units. It warns and ends with 0 where it would
// ignore a line, so that whatever it says counts.
func analyzed(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "systemd-analyze", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "SYSTEMD_UNIT_PATH="+dir+":", "SYSTEMD_LOG_LEVEL=warning")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return string(out) + err.Error()
	}
	return string(out)
}

func verified(t *testing.T, change func(name, text string) string) string {
	t.Helper()
	dir, files := units(t, change)
	return analyzed(t, dir, append([]string{"verify", "--man=no"}, files...)...)
}

func TestTheUnitsPassSystemd(t *testing.T) {
	if says := verified(t, func(_, text string) string { return text }); says != "" {
		t.Error(says)
	}
	for wrong, want := range map[[2]string]string{
		{"ProtectSystem=strict", "ProtectSystem=stric"}:                         "protect system value",
		{"LoadCredential=okta-token:", "LoadCredentials=a:"}:                    "Unknown key",
		{"OnCalendar=*-*-* 04:15:00", "OnCalendar=*-*-* 24:15"}:                 "calendar",
		{"/usr/local/bin/rollcall", "/usr/local/bin/rollcal"}:                   "is not executable",
		{"SystemCallFilter=@system-service", "SystemCallFilter=@system-servic"}: "unknown system call",
	} {
		says := verified(t, func(_, text string) string { return strings.Replace(text, wrong[0], wrong[1], 1) })
		if !strings.Contains(strings.ToLower(says), strings.ToLower(want)) {
			t.Errorf("%s: it says %q", wrong[1], says)
		}
	}
}

func TestTheServicesAreLockedDown(t *testing.T) {
	dir, _ := units(t, func(_, text string) string { return text })
	for _, name := range []string{"rollcall-nightly.service", "rollcall-sweep.service", "rollcall-notices.service"} {
		if says := analyzed(t, dir, "security", "--offline=true", "--no-pager", "--threshold=15", "./"+name); !strings.Contains(says, "exposure level") || strings.Contains(says, "exit status") {
			t.Errorf("%s: %s", name, says)
		}
	}
	open, _ := units(t, func(_, text string) string { return strings.Replace(text, "NoNewPrivileges=yes\n", "", 1) })
	if says := analyzed(t, open, "security", "--offline=true", "--no-pager", "--threshold=15", "./rollcall-nightly.service"); !strings.Contains(says, "exit status") {
		t.Errorf("a service that is less locked down passes: %s", says)
	}
}

func TestTheUserPassesSystemd(t *testing.T) {
	file, text := running(t, "systemd", "rollcall.sysusers")
	if out, err := exec.CommandContext(t.Context(), "systemd-sysusers", "--dry-run", file).CombinedOutput(); err != nil {
		t.Errorf("%v %s", err, out)
	}
	if out, err := exec.CommandContext(t.Context(), "systemd-sysusers", "--dry-run", broken(t, "u.conf", text, "u rollcall", "q rollcall")).CombinedOutput(); err == nil {
		t.Errorf("a wrong line passes: %s", out)
	}
}

func TestTheCrontabsPassCron(t *testing.T) {
	for _, name := range []string{"rollcall.crontab", "watch.crontab"} {
		file, text := running(t, "cron", name)
		if out, err := exec.CommandContext(t.Context(), "crontab", "-n", file).CombinedOutput(); err != nil {
			t.Errorf("%s: %v %s", name, err, out)
		}
		if strings.Contains(text, "\n#*/10 ") { // a line that not everybody wants
			if out, err := exec.CommandContext(t.Context(), "crontab", "-n", broken(t, "all", text, "#*/10", "*/10")).CombinedOutput(); err != nil {
				t.Errorf("%s with all its lines: %v %s", name, err, out)
			}
		}
		wrong := broken(t, "c", text, " * * *", " * *")
		if out, err := exec.CommandContext(t.Context(), "crontab", "-n", wrong).CombinedOutput(); err == nil {
			t.Errorf("%s: a line with a time too few passes: %s", name, out)
		}
		if strings.Contains(text, "%") {
			t.Errorf("%s has a %%, which cron takes for the end of the line", name)
		}
	}
}

func TestTheScriptsInWorkflowsPassShellcheck(t *testing.T) {
	shellcheck, err := exec.LookPath("shellcheck")
	if err != nil {
		t.Fatal(err)
	}
	nightly, text := running(t, "github", "nightly.yml")
	check, _ := running(t, "github", "check.yml")
	notices, _ := running(t, "github", "notices.yml")
	if out, err := actionlint(t, shellcheck, nightly, check, notices); err != nil || out != "" {
		t.Errorf("%v\n%s", err, out)
	}
	if out, err := actionlint(t, shellcheck, broken(t, "w.yml", text, `cp --recursive "$LISTS" .`, `cp --recursive $LISTS .`)); err == nil || !strings.Contains(out, "SC2086") {
		t.Errorf("a variable without quotes passes: %v %s", err, out)
	}
}
