package notify

import (
	"testing"
	"time"

	"rollcall/internal/access"
)

// Who cannot know whether a message arrived sends it again under the same id, so that the
// other side can drop the second one.
func TestWhatIsSentAgainIsTheSameOccasion(t *testing.T) {
	at := time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)
	m := access.Message{ID: "d1", Key: "prod/k/1", Title: "t", At: at}
	again := m
	again.At = at.Add(20 * time.Minute)
	if occasion(m) != occasion(again) {
		t.Error("a copy has another id")
	}
	next := m
	next.ID = "d2"
	if occasion(m) == occasion(next) {
		t.Error("two tellings have one id")
	}
}
