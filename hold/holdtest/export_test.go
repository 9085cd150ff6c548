package holdtest

// DecodeAnswer reads one line of an implementation outside the process as each kind of answer, for the fuzz target.
func DecodeAnswer(line []byte) error {
	a, err := decodeAnswer(line)
	if err != nil {
		return err
	}
	a.result()
	a.duties()
	a.decision()
	return nil
}
