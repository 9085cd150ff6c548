package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"go.etcd.io/bbolt"

	"github.com/seed-db8551c1/lastresort/hold"
)

// store keeps what must survive a crash, in one file: the register's sealed log with its head, and the gate's memory with the changes since. What a call has written is on disk
// when it returns; what it could not write leaves the file as it was.
type store struct{ db *bbolt.DB }

var (
	logBucket     = []byte("log")     // what was written at once, by the position that it goes up to
	changesBucket = []byte("changes") // what the gate's memory gained, in order
	stateBucket   = []byte("state")
	headKey       = []byte("head")   // of the log
	memoryKey     = []byte("memory") // of the gate
)

func openStore(file string) (*store, error) {
	db, err := bbolt.Open(file, 0o600, &bbolt.Options{Timeout: time.Second}) // one process at a time
	if err != nil {
		return nil, err
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		for _, name := range [][]byte{logBucket, changesBucket, stateBucket} {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("%w, and closed: %v", err, db.Close())
	}
	return &store{db}, nil
}

func (s *store) Close() error { return s.db.Close() }

// register replays the log. One that is not what its head was taken of is an error.
func (s *store) register() (*hold.Register, error) {
	r := new(hold.Register)
	return r, s.db.View(func(tx *bbolt.Tx) error {
		saved := tx.Bucket(stateBucket).Get(headKey)
		if saved == nil {
			return nil
		}
		var head hold.Head
		if err := json.Unmarshal(saved, &head); err != nil {
			return err
		}
		var parts []io.Reader
		err := tx.Bucket(logBucket).ForEach(func(_, lines []byte) error {
			parts = append(parts, bytes.NewReader(lines))
			return nil
		})
		if err != nil {
			return err
		}
		if _, err := r.ReadFrom(io.MultiReader(parts...)); err != nil {
			return err
		}
		if r.Head() != head {
			return fmt.Errorf("the log ends at record %d: expected the one with the head that was kept, record %d", r.Head().Seq, head.Seq)
		}
		return nil
	})
}

// appendLog writes what the register's log gained since a head, and gives the new one.
func (s *store) appendLog(r *hold.Register, since hold.Head) (hold.Head, error) {
	var lines bytes.Buffer
	head, err := r.WriteSince(&lines, since)
	if err != nil {
		return since, err
	}
	saved, err := json.Marshal(head)
	if err != nil {
		return since, err
	}
	err = s.db.Update(func(tx *bbolt.Tx) error {
		if err := tx.Bucket(logBucket).Put(binary.BigEndian.AppendUint64(nil, head.Seq), lines.Bytes()); err != nil {
			return err
		}
		return tx.Bucket(stateBucket).Put(headKey, saved)
	})
	if err != nil {
		return since, err
	}
	return head, nil
}

// memory gives the gate's memory as it was saved, nil if it never was, and the changes since.
func (s *store) memory() (saved, changes []byte, err error) {
	err = s.db.View(func(tx *bbolt.Tx) error {
		saved = bytes.Clone(tx.Bucket(stateBucket).Get(memoryKey))
		return tx.Bucket(changesBucket).ForEach(func(_, b []byte) error {
			changes = append(changes, b...)
			return nil
		})
	})
	return saved, changes, err
}

// saveMemory replaces the memory, and with it the changes that led to it.
func (s *store) saveMemory(saved []byte) error {
	return s.db.Update(func(tx *bbolt.Tx) error {
		if err := tx.DeleteBucket(changesBucket); err != nil {
			return err
		}
		if _, err := tx.CreateBucket(changesBucket); err != nil {
			return err
		}
		return tx.Bucket(stateBucket).Put(memoryKey, saved)
	})
}

func (s *store) appendChanges(changes []byte) error {
	return s.db.Update(func(tx *bbolt.Tx) error {
		b := tx.Bucket(changesBucket)
		n, err := b.NextSequence()
		if err != nil {
			return err
		}
		return b.Put(binary.BigEndian.AppendUint64(nil, n), changes)
	})
}
