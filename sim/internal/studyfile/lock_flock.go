//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package studyfile

import (
	"errors"
	"os"
	"syscall"
)

// lock keeps other processes from writing to the file, until it is closed or this process ends, however it does. A file system that knows no locks has none.
func lock(f *os.File) error {
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); errors.Is(err, syscall.EWOULDBLOCK) {
		return errors.New("expected no other process to run this study at the same time")
	}
	return nil
}
