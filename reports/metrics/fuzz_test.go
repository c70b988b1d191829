package metrics

import (
	"bytes"
	"testing"
	"time"
)

// FuzzFigures: whatever lies in the place of the figures of earlier runs, those of this run
// are written; what was written is read again as it is, and to write it once more changes
// nothing.
func FuzzFigures(f *testing.F) {
	run := Run{Command: "sweep", Began: began, EndedAt: began.Add(10 * time.Minute), Night: night(), Version: "1"}
	whole := run
	whole.Command, whole.Whole = "nightly", true
	text, _, err := After(nil, whole)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	for _, text := range []string{"", "rollcall_x{ 1", "rollcall_x 1\nrollcall_x 2\n", "# TYPE rollcall_last_run_exit_code counter\nrollcall_last_run_exit_code{command=\"sweep\"} 1\n",
		"# TYPE rollcall_a histogram\nrollcall_a_bucket{le=\"1\"} 5\nrollcall_a_bucket{le=\"+Inf\"} 2\nrollcall_a_sum NaN\nrollcall_a_count 2\n", "# TYPE rollcall_a summary\nrollcall_a{quantile=\"0.5\"} +Inf\n",
		"# TYPE rollcall_actions_total counter\nrollcall_actions_total 1e400\n", "# HELP rollcall_a \\n\n# TYPE rollcall_a untyped\nrollcall_a -0 1\n"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, before []byte) {
		text, _, err := After(before, run)
		if err != nil {
			t.Fatalf("the figures of this run are not written because of what was there: %v", err)
		}
		if !bytes.Contains(text, []byte(`rollcall_last_run_exit_code{command="sweep"} 0`)) {
			t.Fatalf("how this run ended is not in\n%s", text)
		}
		quiet := run
		quiet.Quiet = true // counts nothing on
		again, unread, err := After(text, quiet)
		if err != nil || unread != nil {
			t.Fatalf("what was written is not read again: %v, %v\n%s", unread, err, text)
		}
		more, unread, err := After(again, quiet)
		if err != nil || unread != nil || !bytes.Equal(again, more) {
			t.Fatalf("it does not stay as it is: %v, %v\n%s\n%s", unread, err, again, more)
		}
	})
}
