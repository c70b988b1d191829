package archive

import (
	"testing"

	"rollcall/internal/access"
)

// bigNight is a night with two million grants.
func bigNight() *access.Night {
	n := fixtureNight(1)
	j := &n.Systems[0]
	const accounts, each = 50_000, 40
	j.Accounts = make([]access.Account, accounts)
	j.Matches = make([]access.Match, accounts)
	for i := range j.Accounts {
		id := access.AccountID("00u" + access.Digest([]byte{byte(i), byte(i >> 8), byte(i >> 16)})[:17])
		j.Accounts[i] = access.Account{System: "okta", ID: id, Login: string(id) + "@x.test"}
		j.Matches[i].Person = access.PersonKey{Source: "employees", EmployeeID: access.EmployeeID(id[3:9])}
	}
	j.Entitlements = make([]access.Entitlement, 500)
	for i := range j.Entitlements {
		j.Entitlements[i] = access.Entitlement{System: "okta", Kind: access.OktaGroup, ID: "00g" + access.Digest([]byte{byte(i), byte(i >> 8)})[:17], Name: "group"}
	}
	j.Grants = make([]access.Grant, accounts*each)
	j.Verdicts, j.Seen = make([]access.Verdict, len(j.Grants)), make([]uint16, len(j.Grants))
	for i := range j.Grants {
		j.Grants[i] = access.Grant{Account: uint32(i*7919) % accounts, Entitlement: uint32(i*31+i/accounts) % 500}
		j.Verdicts[i] = access.Verdict{By: int32(i % 3)}
		j.Seen[i] = 20_000 + uint16(i%100)
	}
	return n
}

func BenchmarkGrants(b *testing.B) {
	n := bigNight()
	b.ReportAllocs()
	for b.Loop() {
		m := &meter{sum: noHash{}}
		rows, err := WriteGrants(m, n)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(m.size)/float64(rows), "bytes/row")
		b.ReportMetric(float64(rows), "rows")
	}
}

// Reading back a night for a role map takes all of it, of one person only the
// parts that they can be in.
func BenchmarkReadingBack(b *testing.B) {
	root := b.TempDir()
	if err := recordNight(NewFolder(root), bigNight()); err != nil {
		b.Fatal(err)
	}
	runs := nightsOf(b, root, 1)
	b.Run("whole", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if n, _, err := runs[0].Night(); err != nil || len(n.Systems[1].Grants) < 2_000_000 {
				b.Fatal(len(n.Systems), err)
			}
		}
	})
	b.Run("one person", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if n, err := runs[0].Of([]access.PersonKey{{Source: "employees", EmployeeID: "00000a"}}); err != nil {
				b.Fatal(n, err)
			}
		}
	})
}

type noHash struct{}

func (noHash) Write(p []byte) (int, error) { return len(p), nil }
func (noHash) Sum([]byte) []byte           { return nil }
func (noHash) Reset()                      {}
func (noHash) Size() int                   { return 0 }
func (noHash) BlockSize() int              { return 1 }
