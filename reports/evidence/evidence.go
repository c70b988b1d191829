// Package evidence makes the pack that auditors take away: a folder with the answers of
// a period, a page that tells them in plain words, the signed manifests that they rest
// on, and how to check all of it without rollcall. It asks the archive through
// reports/audit and nothing else; it must never leave a folder that lacks something
// without saying so. Its invariant: the same archive, period and program give the same
// bytes.
package evidence

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"time"

	"rollcall/reports/archive"
	"rollcall/reports/audit"
)

// Request says what a pack is made of.
type Request struct {
	From, To string             // 2006-01-02, both days included
	Days     int                // the SLA for leavers
	Tool     string             // which rollcall makes it
	Key      ed25519.PublicKey  // that the archive was opened with
	Signer   ed25519.PrivateKey // nil: the list of digests is not signed
}

// ErrOtherKey says that a pack would be signed with a key that nobody checks it with.
var ErrOtherKey = errors.New("the key that is to sign the list of digests is not the one that signs the archive")

// Made is what a pack turned out to be.
type Made struct {
	Files     int    // without the list of digests and its signature
	SHA256    string // of the list of digests
	KeySHA256 string // of the public key that signs now
	Manifests int
	Answers   int
	Not       []string // the questions that have no answer, each with the reason
}

// pack is all that the page tells of.
type pack struct {
	Request
	chain  []archive.CommittedRun
	signed []archive.Signed
	// first signs the first manifest, now the last one: keys can change.
	first, now ed25519.PublicKey
	begun      bool // there was a night at the end of the period, or before
	answers    []answered
}

// answered is a question with its answer, or with why it has none.
type answered struct {
	Name, Title, About, SQL string
	File                    string // without its ending
	answer                  *audit.Answer
	Why                     string // there is no answer
}

// gather asks the archive everything. A question that is only about a night has no
// answer before the first one; whatever else goes wrong, there is no pack.
func gather(ctx context.Context, a *audit.Archive, r Request) (*pack, error) {
	p := &pack{Request: r, chain: a.Chain(), first: r.Key, now: r.Key}
	if err := p.prove(a); err != nil {
		return nil, err
	}
	if r.Signer != nil && !p.now.Equal(r.Signer.Public()) {
		return nil, ErrOtherKey
	}
	var err error
	if p.begun, err = a.HasNight(r.To); err != nil {
		return nil, err
	}
	questions, err := audit.Questions()
	if err != nil {
		return nil, err
	}
	for _, q := range questions {
		one, err := p.ask(ctx, a, q)
		if err != nil {
			return nil, err
		}
		p.answers = append(p.answers, one)
	}
	for _, q := range sums {
		one, err := p.query(ctx, a, q)
		if err != nil {
			return nil, err
		}
		p.answers = append(p.answers, one)
	}
	return p, nil
}

// prove takes the signed manifests, and with them the keys from the first to the last.
func (p *pack) prove(a *audit.Archive) error {
	changed := false
	for _, run := range p.chain {
		s, err := a.Signed(run)
		if err != nil {
			return err
		}
		if s.Next != nil {
			if !changed {
				p.first, changed = s.Former, true
			}
			p.now = s.Next
		}
		p.signed = append(p.signed, s)
	}
	return nil
}

func (p *pack) ask(ctx context.Context, a *audit.Archive, q audit.Question) (answered, error) {
	one := answered{Name: q.Name, Title: q.Title, About: q.About, SQL: q.SQL, File: fmt.Sprintf("answers/%02d-%s", q.Number, q.Name)}
	if !p.begun && q.NeedsNight() {
		one.Why = "there was no night on " + p.To + " or before"
		return one, nil
	}
	answer, err := a.Ask(ctx, q, p.values(q))
	if err != nil {
		return one, err
	}
	answer.Tool, one.answer = p.Tool, answer
	return one, one.complete()
}

func (p *pack) query(ctx context.Context, a *audit.Archive, q sum) (answered, error) {
	one := answered{Name: q.Name, Title: q.Title, About: q.About, SQL: q.SQL, File: "answers/" + q.Name}
	answer, err := a.Query(ctx, q.SQL, p.From, p.To)
	if err != nil {
		return one, fmt.Errorf("count %s: %w", q.Name, err)
	}
	answer.Tool, answer.Title, one.answer = p.Tool, q.Title, answer
	return one, one.complete()
}

// values are the parameters of a question for the period; what is not of the period
// keeps its default.
func (p *pack) values(q audit.Question) map[string]string {
	all := map[string]string{"from": p.From, "to": p.To, "date": p.To}
	if q.Name == leavers || q.Name == leaversActive {
		all["days"] = fmt.Sprint(p.Days)
	}
	values := map[string]string{}
	for _, parameter := range q.Parameters {
		if v, has := all[parameter.Name]; has {
			values[parameter.Name] = v
		}
	}
	return values
}

func (p *pack) find(name string) *answered {
	for i := range p.answers {
		if p.answers[i].Name == name {
			return &p.answers[i]
		}
	}
	return &answered{Name: name, Why: "it was not asked"}
}

// dayOf reads a day that was checked before.
func dayOf(s string) time.Time {
	t, _ := time.Parse(time.DateOnly, s)
	return t
}
