package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// falseZones is a folder of zone files in which a zone is UTC-8 for ever.
func falseZones(t *testing.T, zone string) string {
	t.Helper()
	block := func(version string) string { // https://www.rfc-editor.org/rfc/rfc8536#section-3
		none, one, four := "\x00\x00\x00\x00", "\x00\x00\x00\x01", "\x00\x00\x00\x04"
		return "TZif" + version + strings.Repeat("\x00", 15) + none + none + none + none + one + four + "\xff\xff\x8f\x80\x00\x00" + "PST\x00"
	}
	file := filepath.Join(t.TempDir(), filepath.FromSlash(zone))
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(block("2")+block("2")+"\nPST8\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(file, filepath.FromSlash(zone))
}

// A machine with zone files of its own, and in another zone, decides as every other one does: when access ends is
// among what is compared.
func TestTheZoneFilesOfAMachineDecideNothing(t *testing.T) {
	d := openDemo(t)
	d.playTwoNights(t)
	cmd := exec.CommandContext(t.Context(), filepath.Join(asRollcall(t), "rollcall"), "audit", "replay", "--run", "last", "--config", d.path("rollcall.yaml"))
	cmd.Env = append(os.Environ(), "TZ=Pacific/Kiritimati", "ZONEINFO="+falseZones(t, "Europe/Amsterdam"))
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "The plan is the same") {
		t.Errorf("%v: %s", err, out)
	}
}
