package reconcile

import "testing"

func TestTextsHaveTheSameSketchExactlyIfTheyHaveTheSameWords(t *testing.T) {
	texts := []string{"Ada Lovelace", "LOVELACE, Ada", "ada.lovelace", "lovelace-ada42", "Ada Ada Lovelace", "Adal Ovelace", "Ada", "", "42", "Zoë İnan", "i̇nan zoë", "inan ZOË",
		"zoe\u0308 inan", "Ana Bo", "Bo Ana", "An Abo", "Ab Nao"}
	for _, a := range texts {
		for _, b := range texts {
			if (words(a) == words(b)) != (sketch(a) == sketch(b)) {
				t.Errorf("%q and %q: words %q and %q, sketches %x and %x", a, b, words(a), words(b), sketch(a), sketch(b))
			}
		}
	}
}
