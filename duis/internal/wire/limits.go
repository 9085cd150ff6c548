package wire

import "math"

// Limits bounds what a [Parser] accepts. The zero value of each field stands for its default.
type Limits struct {
	Size       int // bytes of a message; 2 MiB, for the longest list of devices in the schema has 1.2 million characters
	Depth      int // elements within each other; 32 (the deepest request published has 10)
	Attributes int // attributes and namespace declarations of one element; 16
	Namespaces int // declarations in scope, and different names of namespaces; 32
	NameLength int // bytes of a name with its prefix; 128 (the longest in the schema has 68)
}

// DefaultLimits are the limits that a zero [Limits] stands for.
var DefaultLimits = Limits{Size: 2 << 20, Depth: 32, Attributes: 16, Namespaces: 32, NameLength: 128}

// maxAttributes and maxDepth keep counters within 16 bits; offsets are held in 32.
const (
	maxAttributes = 1 << 10
	maxDepth      = 1 << 12
)

func (l Limits) orDefault() Limits {
	return Limits{
		Size:       limit(l.Size, DefaultLimits.Size, math.MaxInt32),
		Depth:      limit(l.Depth, DefaultLimits.Depth, maxDepth),
		Attributes: limit(l.Attributes, DefaultLimits.Attributes, maxAttributes),
		Namespaces: limit(l.Namespaces, DefaultLimits.Namespaces, maxAttributes),
		NameLength: limit(l.NameLength, DefaultLimits.NameLength, math.MaxInt32),
	}
}

func limit(v, byDefault, most int) int {
	if v <= 0 {
		return byDefault
	}
	return min(v, most)
}
