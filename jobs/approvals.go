package jobs

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"time"

	"rollcall/internal/access"
)

// ApprovalFile is one approval file as read tonight, with its bytes.
type ApprovalFile struct {
	access.GivenApproval
	Raw []byte
}

// spending is the record that makes an approval count once. The first run to
// use one creates spent/<id>/first.json; the run that takes over the journal of a
// run that could not finish creates spent/<id>/after-<that run>.json. Either name
// can be created once.
type spending struct {
	Approval string       `json:"approval_id"`
	Run      access.RunID `json:"run_id"`
	At       time.Time    `json:"at"`
	Guard    string       `json:"guard"`
	Scope    string       `json:"scope"`
	Cohort   string       `json:"cohort_sha256"`
	Count    int          `json:"count"`
	By       string       `json:"approved_by"`
}

// spendingName is where the run that follows another one (or none) spends.
func spendingName(approval string, after access.RunID) string {
	if after == "" {
		return path.Join("spent", approval, "first.json")
	}
	return path.Join("spent", approval, "after-"+string(after)+".json")
}

// inputs are tonight's files; of the approvals it is known who spent them, and
// those that may still count are kept as evidence.
func (j *Job) inputs(m access.Memory) (Inputs, error) {
	in, err := j.Inputs(m)
	if err != nil {
		return in, err
	}
	in.Digests, in.Raw = slices.Clone(in.Digests), slices.Clone(in.Raw)
	for n := range in.Approvals {
		a := &in.Approvals[n]
		if a.Unproven != "" {
			continue
		}
		if a.Spent, err = spender(j.Records, a.ID); err != nil {
			a.Unproven = fmt.Sprintf("whether it is spent cannot be read (%v), and what may be spent does not count", err)
			continue
		}
		a.Resumable = a.Spent != "" && !m.Journals[a.Spent]
		if (a.Spent == "" || a.Resumable) && j.Run.StartedAt.Before(a.ExpiresAt) {
			in.Digests = append(in.Digests, access.Input{Name: "approval:" + a.ID, File: a.File, SHA256: a.SHA256})
			in.Raw = append(in.Raw, a.Raw)
		}
	}
	return in, nil
}

// spender is the last run that spent an approval, "" if none did.
func spender(r Records, approval string) (access.RunID, error) {
	var last access.RunID
	seen := map[access.RunID]bool{"": true} // whoever may write here may make a ring of them
	for {
		name := spendingName(approval, last)
		b, err := r.Read(name)
		if errors.Is(err, fs.ErrNotExist) {
			return last, nil
		}
		if err != nil {
			return "", fmt.Errorf("read %s: %w", name, err)
		}
		var s spending
		if err := json.Unmarshal(b, &s); err != nil || s.Approval != approval || seen[s.Run] {
			return "", fmt.Errorf("%s is damaged", name)
		}
		last, seen[s.Run] = s.Run, true
	}
}

// given are the approvals as decisions want them.
func (in Inputs) given() []access.GivenApproval {
	out := make([]access.GivenApproval, 0, len(in.Approvals))
	for _, a := range in.Approvals {
		out = append(out, a.GivenApproval)
	}
	return out
}

// spend makes every approval that counts tonight a spent one, before the first
// effect. The journal says it first, so that the run that takes over this one's
// journal finds whose approval it may go on with; see docs/adr/0011.
func (j *Job) spend(journal *journal, n *access.Night) error {
	for i := range n.Approvals {
		v := &n.Approvals[i]
		if !v.Counts || !j.uses(n.Plan, v.Approval) {
			continue
		}
		at := j.Now()
		if _, err := journal.write(entry{Kind: "approval", At: at, Approval: &v.Approval, Actor: j.Run.Actor}); err != nil {
			return fmt.Errorf("spend approval %s (nothing was changed in any system): %w", v.ID, err)
		}
		b, err := json.Marshal(spending{v.ID, j.Run.ID, at, v.Guard, v.Scope, v.CohortSHA256, v.Count, v.By})
		if err == nil {
			err = j.Records.Create(spendingName(v.ID, v.Spent), append(b, '\n'))
		}
		switch {
		case errors.Is(err, fs.ErrExist):
			return fmt.Errorf("approval %s was spent by another run while this one was at work, so nothing was changed in any system: run it again, and the guard holds: %w", v.ID, err)
		case err != nil:
			return fmt.Errorf("spend approval %s (nothing was changed in any system): %w", v.ID, err)
		}
		v.SpentAt = at
		j.Say("approval %s by %s is spent: %s", v.ID, v.By, v.Says)
	}
	return nil
}

// uses reports whether this run does something that an approval released: a list
// takes force on every night, an action runs only where it may.
func (j *Job) uses(p access.Plan, a access.Approval) bool {
	if a.Guard == "roster" {
		return true
	}
	if j.Settings.Mode != access.Enforce {
		return false
	}
	return slices.ContainsFunc(p.Actions, func(act access.Action) bool {
		return slices.Contains(act.ApprovalIDs(), a.ID) && applier{job: j}.unwanted(act) == ""
	})
}
