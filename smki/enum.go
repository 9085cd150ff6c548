package smki

import (
	"fmt"
	"slices"
	"strings"
)

// enumName is the name of value i, or Type(i) where it has none.
func enumName(typ string, names []string, i int) string {
	if i < len(names) && names[i] != "" {
		return names[i]
	}
	return fmt.Sprintf("%s(%d)", typ, i)
}

// parseEnum sets *v to the position of a text among the names, of which an empty one is none.
func parseEnum[T ~uint8](v *T, what string, names []string, text []byte) error {
	i := slices.Index(names, string(text))
	if i < 0 || len(text) == 0 {
		return &ParseError{What: what, Expected: "one of " + strings.Join(slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == "" }), ", "), Got: string(text)}
	}
	*v = T(i)
	return nil
}
