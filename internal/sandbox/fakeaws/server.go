// Package fakeaws is a stateful AWS organization in memory, spoken to over
// HTTP by the real SDKs: IAM and STS (query protocol), Organizations, Identity
// Center and its identity store (JSON 1.1), all from one handler. It is the
// fast judge of the collector and the revoker and the other side of the demo.
//
// It must never be kinder than AWS where rollcall depends on it: page sizes,
// stale reports, quotas, calls that quietly act on their caller. It checks who
// a key belongs to, not the signature made with it, and evaluates no policy
// but AWSDenyAll.
//
// Its one invariant: whatever can change an answer, but for its request id, is
// in State, so that a restored snapshot answers as the original did.
package fakeaws

import (
	"io"
	"net/http"
	"sync"
	"time"
)

// maxBody is far above the largest request that the services accept.
const maxBody = 4 << 20

// Options configure a server; the zero value answers at vendor limits and
// knows no credential.
type Options struct {
	// Now is the clock; nil is the real one, since a server stands outside the
	// program that talks to it.
	Now func() time.Time
	// ManagementAccount owns the organization and its Identity Center.
	ManagementAccount string
	// Region is where Identity Center lives; empty is us-east-1.
	Region string
	// MaxPage caps every page, so that small data is paged too; 0 is the
	// vendor's maximum.
	MaxPage int
	// AssignmentPolls is how many status reads say IN_PROGRESS before a change
	// of an account assignment is done.
	AssignmentPolls int
	// ReportPolls is how many reads of a credential report find it in progress.
	ReportPolls int
	// ConflictWhileInProgress refuses a change of a permission set in an
	// account while another one runs there.
	ConflictWhileInProgress bool
	// DirectRowsForUser leaves the rows of a user's groups out when assignments
	// are asked for by that user. AWS documents neither way, so a client has to
	// bear both.
	DirectRowsForUser bool
	// ExtraInstance shows an account instance of Identity Center besides the
	// organization's.
	ExtraInstance bool
	// Credentials are the long-term keys that exist besides those of the IAM
	// users in State.
	Credentials []Credential
}

// Credential is a long-term key. Without a UserName it is the account's root.
type Credential struct {
	AccessKeyID, Secret, Account, UserName string
	// ReadOnly refuses every call that writes. Assuming a role is not a write:
	// what the session may do is the role's affair.
	ReadOnly bool
}

// Server is the organization; it is safe for parallel use.
type Server struct {
	mu     sync.Mutex
	opts   Options
	st     State
	log    []Request
	hits   []CallerHit
	serial int
	timed  bool
}

// New makes an organization without accounts.
func New(opts Options) *Server {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Region == "" {
		opts.Region = "us-east-1"
	}
	return &Server{opts: opts}
}

// now is the server's time at the resolution that AWS reports.
func (s *Server) now() time.Time { return s.opts.Now().UTC().Truncate(time.Second) }

// TellTime lets each answer say when it was given, as AWS does. Without, none does: by
// another clock than the machine's, the SDK takes refusals for those of a wrong clock.
func (s *Server) TellTime() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.timed = true
}

// date is the header of an answer of now: nil keeps one from being made up.
func (s *Server) date() []string {
	if !s.timed {
		return nil
	}
	return []string{s.now().Format(http.TimeFormat)}
}

// ServeHTTP answers one API call, whatever host or path it was sent to.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, "read request: "+err.Error(), http.StatusRequestEntityTooLarge)
		return
	}
	a := s.answer(r, body)
	w.Header()["Date"] = a.date
	w.Header().Set("Content-Type", a.contentType)
	w.Header().Set("X-Amzn-Requestid", a.requestID)
	w.WriteHeader(a.status)
	// A client that is gone has lost the answer, not the effect.
	_, _ = w.Write(a.body)
}

// answer does one call under the lock; writing it out needs none.
func (s *Server) answer(r *http.Request, body []byte) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.serial++
	op := s.operationOf(r, body)
	c, failure := s.caller(r, op)
	var result any
	if failure == nil {
		result, failure = op.run(s, c)
	}
	s.record(c, op, failure)
	a := op.encode(s.requestID(), result, failure)
	a.date = s.date()
	return a
}
