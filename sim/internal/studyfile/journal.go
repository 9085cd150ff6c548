package studyfile

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/seed-db8551c1/lastresort/sim"
)

// Journal is the file of the finished replications of a study: a line that names the study, and one for each replication, in the order in which they were finished.
type Journal struct {
	Finished []sim.StudyReplication // when it was opened
	Written  int                    // all that are in it

	name    string
	file    *os.File
	heading heading
	empty   bool
}

// heading is the first line of a journal.
type heading struct {
	Study   string `json:"study"` // its hash
	Version string `json:"version"`
}

// maxLine is far beyond the line of a replication under every regime.
const maxLine = 1 << 20

// OpenJournal opens the journal of a study, journal.jsonl in a directory, or starts it, the directory too. A last line that was cut short, by a crash, is taken away;
// anything else that does not belong is an error, and so is a journal that another process has open, where the system can tell.
func OpenJournal(dir string, r *sim.StudyRun) (*Journal, error) {
	h, err := r.Hash()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	name := filepath.Join(dir, "journal.jsonl")
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, err
	}
	j := &Journal{name: name, file: f, heading: heading{h, r.Version}}
	if err = lock(f); err == nil {
		err = j.read(h)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return j, nil
}

// read reads the whole lines of the file, and leaves it cut and positioned after them.
func (j *Journal) read(study string) error {
	in := bufio.NewReaderSize(j.file, maxLine)
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
		j.Finished = append(j.Finished, r)
	}
	j.Written = len(j.Finished)
	j.empty = end == 0
	if err := j.file.Truncate(end); err != nil {
		return err
	}
	_, err := j.file.Seek(end, io.SeekStart)
	return err
}

// Reproduce runs the first replication of the journal again where the version does not tell builds apart: it must come out as it is there. Otherwise another build has
// written the journal, and a study would end with results of two models.
func (j *Journal) Reproduce(ctx context.Context, r *sim.StudyRun) error {
	if len(j.Finished) == 0 || r.Version != devel && !strings.HasSuffix(r.Version, "+dirty") {
		return nil
	}
	if _, err := r.Next(); err != nil {
		return err
	}
	want := j.Finished[0]
	got, err := r.Replicate(ctx, want.Point, want.Replication)
	if err != nil {
		return err
	}
	was, err := json.Marshal(want)
	if err != nil {
		return err
	}
	is, err := json.Marshal(got)
	if err != nil {
		return err
	}
	if !bytes.Equal(was, is) {
		return fmt.Errorf("%s: line 2: expected what this build finds in replication %d of point %d; another build of version %s, or one for another processor, has written it: remove the journal to start afresh, or name another directory with --out", j.name, want.Replication, want.Point, r.Version)
	}
	return nil
}

func strictly(line []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	return d.Decode(v)
}

// Record adds a replication.
func (j *Journal) Record(r sim.StudyReplication) error {
	if j.empty {
		if err := j.write(j.heading); err != nil {
			return err
		}
		j.empty = false
	}
	if err := j.write(r); err != nil {
		return err
	}
	j.Written++
	return nil
}

// write adds a line in one piece.
func (j *Journal) write(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = j.file.Write(append(b, '\n'))
	return err
}

// Close closes the file, once.
func (j *Journal) Close() error {
	if j.file == nil {
		return nil
	}
	f := j.file
	j.file = nil
	return f.Close()
}
