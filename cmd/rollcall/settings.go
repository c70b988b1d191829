package main

import (
	"rollcall/internal/access"
	"rollcall/internal/config"
	"rollcall/reconcile"
)

// settings are the company's choices as reconcile wants them.
func settings(cfg config.Config, mode access.Mode) reconcile.Settings {
	g := cfg.Guards
	return reconcile.Settings{
		DormantDays: cfg.Policy.DormantDays, KeyDays: cfg.Policy.KeyDays, MoverDays: cfg.Policy.MoverDays,
		Zone: cfg.Company.Location(), RevokeGardenLeave: cfg.Policy.GardenLeave == config.GardenRevoke, Protected: cfg.Policy.Protected, Mode: mode, ApprovalAge: cfg.Approvals.MaxAge,
		Limits: reconcile.Limits{NightMin: g.Blast.NightMin, NightPercent: g.Blast.NightPercent, WeekMin: g.Blast.WeekMin, WeekPercent: g.Blast.WeekPercent,
			RemoveNightMin: g.Remove.NightMin, RemoveNightPercent: g.Remove.NightPercent, RemoveWeekMin: g.Remove.WeekMin, RemoveWeekPercent: g.Remove.WeekPercent,
			Concentration: g.Concentration, Irreversible: g.Irreversible, ReviewMin: g.Review.NightMin, ReviewPercent: g.Review.NightPercent},
		Reviewed: reconcile.Reviewed{Enforce: cfg.Review.Removals == access.Enforce, NoticeDays: cfg.Review.NoticeDays},
		Removal: reconcile.Removal{Enforce: cfg.Remove.Mode == access.Enforce, AfterDays: cfg.Remove.AfterDays,
			RuledGroups: cfg.Remove.RuledGroups, AppsAndRoles: cfg.Remove.AppsAndRoles, Movers: cfg.Remove.Movers, DeleteUsers: cfg.Remove.DeleteUsers},
	}
}

func canaries(cfg config.Config) map[access.System][]string {
	out := map[access.System][]string{}
	for _, s := range cfg.Systems {
		out[s.Name] = s.Canaries
	}
	return out
}
