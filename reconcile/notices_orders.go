package reconcile

import (
	"fmt"
	"slices"
	"strings"

	"rollcall/internal/access"
	"rollcall/internal/phrase"
)

// What an order left is one matter each, until a run that is about everybody looks at it to
// its end and does not find it any more, or an order about the same person is done.

// orderRest begins what names the person of an order.
const orderRest = "order:"

// orders tells of orders that were begun and never ended, of those whose person no list has
// any more, and of what was not read of the systems in which somebody may still get in.
func (g *noticing) orders() {
	for _, o := range append(slices.Clone(g.n.Orders), g.n.Interrupted...) {
		_, known := g.people[o.Person]
		if !o.Interrupted && known {
			continue
		}
		says := "did not come to its end. Give it again now: rollcall revoke --read --person ID --reason WHY, until it ends with 0."
		if !known {
			says = "is not done, and no list of HR's has them any more. Look now in each system whether they can still get in."
		}
		g.add(access.Concern{Kind: NoticeOrderLeft, Subject: stableID("n", "order", string(o.Run), o.Person.String()), Rests: []string{"whole", orderRest + o.Person.String()},
			Open: []string{fmt.Sprintf("The order of %s to end all access of %s %s", phrase.Minute(o.At), g.whom(o.Person), says)}, Restricted: []string{g.named(o.Person) + ": ordered by " + o.String()}})
	}
	for _, o := range g.n.Orders {
		for _, r := range g.n.Reads() {
			if r.Complete {
				continue
			}
			g.add(access.Concern{Kind: NoticeOrderLeft, Subject: stableID("n", o.Person.String(), r.Name()), System: string(r.System), Rests: []string{"read:" + r.Name(), orderRest + o.Person.String()},
				Open: []string{fmt.Sprintf("%s was not read to its end: whether %s, whose access is to end now by order, can still use it cannot be said. Look now.", r.Name(), g.whom(o.Person))}, Restricted: []string{r.Gap}})
		}
	}
}

// left tells of an account that an order left.
func (g *noticing) left(f access.Finding) {
	id := g.finding(NoticeOrderLeft, f, "is, or may be, that of %s, whose access is to end now by order, and works. Look now who uses it.")
	at := g.at[id]
	g.out[at].Rests = append(g.out[at].Rests, orderRest+f.Person.String())
}

// orderDone reports whether a run was an order about the very person, and left nothing.
func orderDone(n *access.Night, c access.Concern) bool {
	mine := orderRest + n.Ordered().String()
	others := func(rest string) bool { return strings.HasPrefix(rest, orderRest) && rest != mine }
	return c.Kind == NoticeOrderLeft && n.Run.Verdict == "done" && slices.Contains(c.Rests, mine) && !slices.ContainsFunc(c.Rests, others)
}
