package roster

// meanings remembers what the words of a column mean: few of them differ, and most
// rows say what the row before them says.
type meanings[V any] struct {
	of    func(word string) V
	known map[string]V
	last  string
	means V // last
}

func (m *meanings[V]) get(word string) V {
	if word == m.last && m.known != nil {
		return m.means
	}
	if m.known == nil {
		m.known = map[string]V{}
	}
	v, ok := m.known[word]
	if !ok {
		v = m.of(word)
		m.known[word] = v
	}
	m.last, m.means = word, v
	return v
}
