package jobs

import (
	"encoding/json"
	"strings"
	"testing"
)

// FuzzSpender: whatever lies in the place of the record that an approval was spent, the
// approval is spent by the run that the record names, or what is there is an error. It is
// never said to be unspent.
func FuzzSpender(f *testing.F) {
	for _, s := range []spending{{Approval: "a", Run: "run-1"}, {Approval: "b", Run: "run-1"}, {Approval: "a"}, {Run: "run-1"}} {
		b, err := json.Marshal(s)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	for _, text := range []string{"", "null", "{}", "[]", `{"approval_id":"a","run_id":""}`, `{"approval_id":"a","run_id":"../x"}`, `{"approval_id":"a","run_id":"1","RUN_ID":""}`, `{"approval_id":"a","run_id":"1","count":1e99}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		last, err := spender(shelfOf{spendingName("a", ""): text}, "a")
		if err != nil {
			if last != "" || !strings.Contains(err.Error(), "spent/a/") {
				t.Fatalf("%q is said to have spent it, or the record is not named: %v", last, err)
			}
			return
		}
		var plain struct {
			Approval any `json:"approval_id"`
			Run      any `json:"run_id"`
		}
		if json.Unmarshal(text, &plain) != nil || last == "" || plain.Approval != any("a") || plain.Run != any(string(last)) {
			t.Fatalf("%s is taken for a record of %q", text, last)
		}
	})
}
