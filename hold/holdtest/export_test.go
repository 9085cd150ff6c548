package holdtest

// DecodeAnswer reads one line of an implementation outside the process as each kind of answer, for the fuzz target.
func DecodeAnswer(line []byte) {
	for _, do := range []string{"reset", "apply", "device", "duties", "breaches", "overruns", "owner", "decide", "seal"} {
		a, err := decodeAnswer(do, line)
		if err == nil {
			a.result()
			a.duties()
			a.decision()
		}
	}
}
