package wire

// Limits bounds what a [Parser] accepts. The zero value of each field stands for its default.
type Limits struct {
	Size       int // bytes of a message; 2 MiB, for the longest list of devices in the schema has 1.2 million characters. At most 16 MiB
	Depth      int // elements within each other; 32 (the deepest request published has 10)
	Attributes int // attributes and namespace declarations of one element; 16
	Namespaces int // declarations in scope, and different names of namespaces; 32
	NameLength int // bytes of a name with its prefix, and of the name of a namespace; 128 (the longest in the schema have 68 and 48). At most 1 KiB
}

// DefaultLimits are the limits that a zero [Limits] stands for.
var DefaultLimits = Limits{Size: 2 << 20, Depth: 32, Attributes: 16, Namespaces: 32, NameLength: 128}

// maxAttributes and maxDepth keep counters within 16 bits. maxSize and maxNameLength keep offsets into canonical octets, where an element of six bytes
// may carry the name of its namespace, within 32.
const (
	maxAttributes = 1 << 10
	maxDepth      = 1 << 12
	maxSize       = 1 << 24
	maxNameLength = 1 << 10
)

func (l Limits) orDefault() Limits {
	return Limits{
		Size:       limit(l.Size, DefaultLimits.Size, maxSize),
		Depth:      limit(l.Depth, DefaultLimits.Depth, maxDepth),
		Attributes: limit(l.Attributes, DefaultLimits.Attributes, maxAttributes),
		Namespaces: limit(l.Namespaces, DefaultLimits.Namespaces, maxAttributes),
		NameLength: limit(l.NameLength, DefaultLimits.NameLength, maxNameLength),
	}
}

func limit(v, byDefault, most int) int {
	if v <= 0 {
		return byDefault
	}
	return min(v, most)
}
