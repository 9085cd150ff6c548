package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/seed-db8551c1/lastresort/sim"
)

// journal is the file of the finished replications of a study: a line that names the study, and one for each replication, in the order in which they were finished.
type journal struct {
	file     *os.File
	finished []sim.StudyReplication // when it was opened
	written  int                    // all that are in it
}

// heading is the first line of a journal.
type heading struct {
	Study   string `json:"study"` // its hash
	Version string `json:"version"`
}

// maxJournalLine is far beyond the line of a replication under every regime.
const maxJournalLine = 1 << 20

// openJournal opens the journal of a study, or starts it. A last line that was cut short, by a crash, is taken away; anything else that does not belong is an error.
func openJournal(name, study, version string) (*journal, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, err
	}
	j := &journal{file: f}
	if err := j.read(study); err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if at, _ := f.Seek(0, io.SeekCurrent); at == 0 {
		if err := j.write(heading{study, version}); err != nil {
			f.Close()
			return nil, runError{err}
		}
	}
	return j, nil
}

// read reads the whole lines of the file, and leaves it cut and positioned after them.
func (j *journal) read(study string) error {
	in := bufio.NewReaderSize(j.file, maxJournalLine)
	var end int64
	for n := 1; ; n++ {
		line, err := in.ReadSlice('\n')
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		end += int64(len(line))
		if n == 1 {
			var h heading
			if err := strictly(line, &h); err != nil || h.Study == "" {
				return errors.New("line 1: expected the journal of a study")
			}
			if h.Study != study {
				return fmt.Errorf("line 1: expected the journal of study %s, not of %s by version %s: remove it to start afresh, or name another directory with --out", study, h.Study, h.Version)
			}
			continue
		}
		var r sim.StudyReplication
		if err := json.Unmarshal(line, &r); err != nil {
			return fmt.Errorf("line %d: expected a replication (%w)", n, err)
		}
		j.finished = append(j.finished, r)
	}
	j.written = len(j.finished)
	if err := j.file.Truncate(end); err != nil {
		return err
	}
	_, err := j.file.Seek(end, io.SeekStart)
	return err
}

func strictly(line []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	return d.Decode(v)
}

// record adds a replication.
func (j *journal) record(r sim.StudyReplication) error {
	if err := j.write(r); err != nil {
		return runError{err}
	}
	j.written++
	return nil
}

// write adds a line in one piece.
func (j *journal) write(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = j.file.Write(append(b, '\n'))
	return err
}

// close closes the file, once.
func (j *journal) close() error {
	if j.file == nil {
		return nil
	}
	f := j.file
	j.file = nil
	return f.Close()
}
