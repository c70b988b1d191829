package reports

import (
	"os"
	"strings"
	"testing"
)

// Who is told to press a button finds a button of that name on the page.
func TestWhatARefusalCallsAButtonIsAButtonOfThePage(t *testing.T) {
	page, err := os.ReadFile("testdata/campaign.html")
	if err != nil {
		t.Fatal(err)
	}
	for name, sent := range map[string][]byte{"the page itself": page, "half of what it saves": []byte(`{"schema":`)} {
		back := ReadReturned("back.html", sent)
		if back.Refused == nil {
			t.Fatalf("%s is taken in", name)
		}
		_, rest, quoted := strings.Cut(back.Refused.Mend, `"`)
		button, _, _ := strings.Cut(rest, `"`)
		if !quoted || !strings.Contains(string(page), ">"+button+"</button>") {
			t.Errorf("%s: there is no button %q: %s", name, button, back.Refused.Mend)
		}
	}
}
