package fakeaws

import (
	"encoding/json"
	"fmt"
	"time"
)

// State is everything the organization knows, in the order it was added. It
// is plain data: its JSON is a snapshot.
type State struct {
	Accounts []Account
	Roles    []Role
	Users    []IAMUser
	Groups   []IAMGroup
	Policies []ManagedPolicy
	// LooseMFA are virtual devices that no user holds (any more).
	LooseMFA []LooseMFADevice
	Sessions []Session
	Reports  []Report
	NextID   int
	Center   Center
}

// Account is one account of the organization.
type Account struct {
	ID, Name, Email string
	// State is PENDING_ACTIVATION, ACTIVE, SUSPENDED, PENDING_CLOSURE or
	// CLOSED. Only an ACTIVE account answers calls.
	State string
	// Status is the word that State replaced; empty leaves it out of answers,
	// as AWS announced for 2026-09-09.
	// https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html
	Status   string
	JoinedAt time.Time
	Root     Root
}

// Root is the account's root user, as the credential report shows it.
type Root struct {
	PasswordLastUsed time.Time
	MFA              bool
	AccessKeys       []AccessKey
}

// Role can be assumed from any account.
type Role struct {
	Account, Name, Path, ID string
	// ReadOnly refuses every call of a session that writes.
	ReadOnly bool
	// ExternalID, when set, must be given to assume the role.
	ExternalID string
	// MaxSession in seconds; 0 is AWS's default of an hour.
	MaxSession int
	// TrustPolicy is the role's trust document; empty is a plain one.
	TrustPolicy string
	// Attached are the arns of the role's policies. Nothing here evaluates them.
	Attached  []string
	Inline    []InlinePolicy
	CreatedAt time.Time
}

// Tag is a key and its value.
type Tag struct{ Key, Value string }

// InlinePolicy is a policy that lives in one user or group.
type InlinePolicy struct{ Name, Document string }

// IAMUser is an IAM user with all that DeleteUser would ask to have gone first.
type IAMUser struct {
	Account, Name, Path, ID string
	CreatedAt               time.Time
	Tags                    []Tag
	Groups                  []string // names
	Attached                []string // policy arns
	Inline                  []InlinePolicy
	Boundary                string // policy arn
	LoginProfile            *LoginProfile
	PasswordLastUsed        time.Time
	AccessKeys              []AccessKey
	SSHKeys                 []SSHKey
	Certificates            []Certificate
	ServiceCredentials      []ServiceCredential
	MFA                     []MFADevice
}

// LoginProfile is a console password.
type LoginProfile struct {
	CreatedAt     time.Time
	ResetRequired bool
}

// AccessKey is a long-term key; Status is Active or Inactive.
type AccessKey struct {
	ID, Status      string
	CreatedAt       time.Time
	LastUsedAt      time.Time
	LastUsedService string
	LastUsedRegion  string
}

// SSHKey is a key for CodeCommit.
type SSHKey struct {
	ID, Status string
	UploadedAt time.Time
}

// Certificate is an X.509 signing certificate.
type Certificate struct {
	ID, Status, Body string
	UploadedAt       time.Time
}

// ServiceCredential is a password or API key of one service, such as
// codecommit.amazonaws.com or bedrock.amazonaws.com.
type ServiceCredential struct {
	ID, Status, Service, UserName string
	CreatedAt, ExpiresAt          time.Time
}

// MFADevice is a second factor. A virtual one has an arn as its serial.
type MFADevice struct {
	Serial    string
	Virtual   bool
	EnabledAt time.Time
}

// LooseMFADevice is a virtual device without a user.
type LooseMFADevice struct{ Account, Serial string }

// IAMGroup is a group; its members are named in IAMUser.Groups.
type IAMGroup struct {
	Account, Name, Path, ID string
	CreatedAt               time.Time
	Attached                []string
	Inline                  []InlinePolicy
}

// ManagedPolicy is a policy with an arn; Account "aws" is AWS's own.
type ManagedPolicy struct {
	Account, Name, Path, ID string
	Document                string
	CreatedAt               time.Time
}

// Session is what AssumeRole gave out.
type Session struct {
	AccessKeyID, Secret, Token string
	Account, Role, Name        string
	SourceIdentity             string
	ReadOnly                   bool
	ExpiresAt                  time.Time
}

// Report is an account's credential report. Its content is that of the moment
// it was asked for, which is why it goes stale.
type Report struct {
	Account     string
	PollsLeft   int
	GeneratedAt time.Time
	Content     string
}

// nextID makes a deterministic id: prefix and a counter, n characters in all.
func (s *Server) nextID(prefix string, n int) string {
	s.st.NextID++
	return fmt.Sprintf("%s%0*d", prefix, max(n-len(prefix), 1), s.st.NextID)
}

// State gives a deep copy of everything.
func (s *Server) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return copyOf(s.st)
}

// Snapshot gives the state as JSON; sessions and credential reports included.
func (s *Server) Snapshot() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	data, err := json.Marshal(s.st)
	if err != nil {
		return nil, fmt.Errorf("snapshot the sandbox: %w", err)
	}
	return data, nil
}

// Restore replaces the state by a snapshot's; on an error nothing changes. The
// request log stays.
func (s *Server) Restore(data []byte) error {
	var st State
	if err := json.Unmarshal(data, &st); err != nil {
		return fmt.Errorf("restore the sandbox: %w; give what Snapshot returned", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.st = st
	return nil
}
