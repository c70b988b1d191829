package reports

import (
	"encoding/json"
	"fmt"

	"rollcall/internal/access"
)

// SummaryJSON tells the night to a machine: what Summary tells, every leaver
// and urgent finding included, with stable keys and a stable order. It names
// nobody whom Summary does not name.
func SummaryJSON(n *access.Night, f Footer) ([]byte, error) {
	out, err := json.MarshalIndent(tell(n, f), "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write summary: %w", err)
	}
	return append(out, '\n'), nil
}
