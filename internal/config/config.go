// Package config turns the bytes of rollcall.yaml into a Config. It never reads
// the environment or a disk and never holds a secret, only the name of the
// place where one lies. Its invariant: what Load returns is complete and within
// bounds, a guard cannot be switched off in it, and whatever was not written
// takes the harmless value (the zero Config observes).
package config

import (
	"path/filepath"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/zones"
)

// Config is one rollcall.yaml, checked.
type Config struct {
	// File is the name that Load was given, Dir its folder: every relative path
	// in the file starts there (Path).
	File   string
	Dir    string
	SHA256 string // of the bytes, hex

	Company Company
	Systems []System // sorted by name
	Rosters []Roster // in file order
	Policy  Policy
	Guards  Guards
	Mode    access.Mode // of nightly, sweep and apply
	Manual  access.Mode // of revoke and restore; empty: not decided, so nothing manual acts
	Remove  Remove
	Collect Collect
	Network Network
	Plan    Plan
	// Approvals is how people answer for what a guard holds.
	Approvals Approvals
	Archive   Archive
	Reports   Reports
	Review    Review
	Audit     Audit
	Metrics   Metrics
	SIEM      SIEM
	Notices   Notices
}

// Path gives the place of a path that was written in the file; empty stays empty.
func (c Config) Path(p string) string {
	if p == "" || filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(c.Dir, p)
}

// Company is the employer.
type Company struct {
	Name     string
	TimeZone string // IANA name; a person's day ends there unless the roster names a zone
}

// Location is the company's time zone; UTC for the zero Company.
func (c Company) Location() *time.Location {
	zone, err := zones.Load(c.TimeZone)
	if err != nil { // Load has refused it already
		return time.UTC
	}
	return zone
}

// Collect says how the systems are read.
type Collect struct {
	// Prefer is time or calls: which of two plans of reads to choose.
	Prefer string
	// MaxTime bounds the reading of all systems; what is not read by then is a gap.
	MaxTime time.Duration
	// DropPercent is how much shorter than on the last run a list may be before
	// it is a gap, where the system does not say how long it is.
	DropPercent int
}

// Network says whom to trust on the way to the systems.
type Network struct {
	// CABundle is a file of certificates in PEM, as written, that are trusted
	// besides those of the machine; empty: none.
	CABundle string
}

// Plan limits what may be applied.
type Plan struct {
	MaxAge time.Duration
}

// Reports is where worksheets and pages are written.
type Reports struct {
	Dir string // as written
}

// Metrics is where nights and sweeps leave figures for Prometheus.
type Metrics struct {
	File string // as written, ending in .prom; empty: none are kept
}

// SIEM is where each change of access is told in one line of JSON.
type SIEM struct {
	File   string // as written, appended to; empty: to no file
	Stderr bool   // to stderr, among the log
}

func defaults() Config {
	return Config{
		Mode:      access.Observe,
		Remove:    Remove{Mode: access.Observe, AfterDays: 7},
		Policy:    Policy{GardenLeave: GardenRevoke, ExceptionMaxDays: 365},
		Collect:   Collect{Prefer: "time", MaxTime: 3 * time.Hour, DropPercent: 20},
		Plan:      Plan{MaxAge: 24 * time.Hour},
		Approvals: Approvals{Dir: "approvals", MaxAge: MostApproval},
		Archive:   Archive{Root: "archive", KeepDays: 2555},
		Reports:   Reports{Dir: "reports"},
		Review:    Review{Dir: "reviews", Days: 14, KeepDays: 90, Unanswered: UnansweredEscalate, Removals: access.Observe},
		Notices:   Notices{SLA: 24 * time.Hour},
		Audit:     Audit{Athena: Athena{Database: "rollcall", MaxScanGB: 50}},
		Guards: Guards{
			Roster:        RosterGuard{ShrinkPercent: 10, GoneMin: 5, GonePercent: 5},
			Blast:         BlastGuard{NightMin: 5, NightPercent: 3, WeekMin: 10, WeekPercent: 8},
			Remove:        BlastGuard{NightMin: 5, NightPercent: 3, WeekMin: 10, WeekPercent: 8},
			Concentration: 5,
			Irreversible:  2,
			Review:        NightGuard{NightMin: 10, NightPercent: 5},
		},
	}
}
