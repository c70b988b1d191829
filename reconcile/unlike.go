package reconcile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"rollcall/internal/access"
)

// Unlike is one thing in which what was decided anew is not what was recorded.
type Unlike struct {
	What string `json:"what"` // the action, finding or row, in words
	// Field is what of it differs; empty: it is there only once.
	Field    string `json:"field,omitempty"`
	Recorded string `json:"recorded,omitempty"`
	Anew     string `json:"anew,omitempty"`
}

// String says it in a sentence.
func (u Unlike) String() string {
	switch {
	case u.Field != "":
		return fmt.Sprintf("%s: %s was %s, and is %s", u.What, u.Field, quoted(u.Recorded), quoted(u.Anew))
	case u.Anew == "":
		return u.What + ": it was recorded, and does not follow"
	}
	return u.What + ": it follows, and was not recorded"
}

func quoted(s string) string {
	if s == "" {
		return "nothing"
	}
	return `"` + s + `"`
}

// ComparePlans says in what two plans differ: which actions, holds and trips, field by
// field. Plans that are the same give nothing.
func ComparePlans(recorded, anew access.Plan) []Unlike {
	out := unlike("the plan", planHead{recorded.RunID, recorded.CreatedAt.Format(exactly), recorded.SHA256}, planHead{anew.RunID, anew.CreatedAt.Format(exactly), anew.SHA256})
	out = append(out, unlikeBy(recorded.Inputs, anew.Inputs, func(i access.Input) string { return "input " + i.Name })...)
	out = append(out, unlikeBy(recorded.Actions, anew.Actions, actionNamed("action"))...)
	out = append(out, unlikeBy(recorded.Held, anew.Held, func(h access.Held) string { return actionNamed("hold")(h.Action) })...)
	trip := func(t access.GuardError) string { return fmt.Sprintf("guard %s (%s)", t.Guard, t.Scope) }
	out = append(out, unlikeBy(recorded.Trips, anew.Trips, trip)...)
	out = append(out, unlikeBy(recorded.Behind, anew.Behind, func(t access.GuardError) string { return trip(t) + ", behind another" })...)
	return append(out, turned("actions", recorded.Actions, anew.Actions)...)
}

const exactly = "2006-01-02T15:04:05.999999999Z07:00"

// planHead is what a plan says of itself.
type planHead struct {
	RunID   access.RunID `json:"run_id"`
	Created string       `json:"created_at"`
	SHA256  string       `json:"sha256"`
}

// actionNamed names an action.
func actionNamed(what string) func(access.Action) string {
	return func(a access.Action) string {
		right := ""
		if a.EntitlementID != "" {
			right = fmt.Sprintf(" %s %s", a.EntitlementKind, a.Entitlement)
		}
		return fmt.Sprintf("%s %s%s of %s in %s (%s)", what, a.Verb, right, a.Login, a.Account.System, a.ID)
	}
}

// turned says that the same actions are in another order.
func turned(what string, recorded, anew []access.Action) []Unlike {
	ids := func(all []access.Action) (ids []string) {
		for _, a := range all {
			ids = append(ids, a.ID)
		}
		return ids
	}
	was, is := ids(recorded), ids(anew)
	if slices.Equal(was, is) || !slices.Equal(slices.Sorted(slices.Values(was)), slices.Sorted(slices.Values(is))) {
		return nil
	}
	return []Unlike{{What: "the plan", Field: "order of " + what, Recorded: strings.Join(was, " "), Anew: strings.Join(is, " ")}}
}

// unlikeBy compares two lists by the names of their parts.
func unlikeBy[T any](recorded, anew []T, name func(T) string) (out []Unlike) {
	was, is := numbered(recorded, name), numbered(anew, name)
	names := slices.AppendSeq(slices.Collect(maps.Keys(was)), maps.Keys(is))
	slices.Sort(names)
	for _, n := range slices.Compact(names) {
		before, had := was[n]
		after, has := is[n]
		switch {
		case !has:
			out = append(out, Unlike{What: n, Recorded: "there"})
		case !had:
			out = append(out, Unlike{What: n, Anew: "there"})
		default:
			out = append(out, unlike(n, before, after)...)
		}
	}
	return out
}

// numbered are the parts of a list by name; of several with one name each has a number.
func numbered[T any](all []T, name func(T) string) map[string]T {
	out := make(map[string]T, len(all))
	for _, one := range all {
		n := name(one)
		for i := 2; ; i++ {
			if _, taken := out[n]; !taken {
				break
			}
			n = fmt.Sprintf("%s, no. %d", name(one), i)
		}
		out[n] = one
	}
	return out
}

// unlike compares two of the same, field by field, by their names in JSON.
func unlike(what string, recorded, anew any) (out []Unlike) {
	was, is := fields(recorded), fields(anew)
	names := slices.AppendSeq(slices.Collect(maps.Keys(was)), maps.Keys(is))
	slices.Sort(names)
	for _, f := range slices.Compact(names) {
		if was[f] != is[f] {
			out = append(out, Unlike{what, f, was[f], is[f]})
		}
	}
	return out
}

// fields are the leaves of a value: a list of plain texts is one leaf.
func fields(v any) map[string]string {
	out := map[string]string{}
	b, err := json.Marshal(v)
	if err != nil {
		panic("a plan is plain data: " + err.Error())
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var tree any
	if err := d.Decode(&tree); err != nil {
		panic("a plan is plain data: " + err.Error())
	}
	leaves(out, "", tree)
	return out
}

func leaves(out map[string]string, at string, v any) {
	m, inside := v.(map[string]any)
	if !inside {
		if s, plain := v.(string); plain {
			out[at] = s
		} else if b, err := json.Marshal(v); err == nil {
			out[at] = string(b)
		}
		return
	}
	for name, one := range m {
		leaves(out, strings.TrimPrefix(at+"."+name, "."), one)
	}
}
