package bunstore

import (
	"errors"
	"fmt"
	"syscall"
)

const sharingViolation = syscall.Errno(32)

// lockFile takes a lock that ends with the process, however it ends: a file that
// is open and shared with nobody.
func lockFile(path string) (unlock func() error, err error) {
	none := func() error { return nil }
	name, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return none, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	handle, err := syscall.CreateFile(name, syscall.GENERIC_READ|syscall.GENERIC_WRITE, 0, nil,
		syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	if errors.Is(err, sharingViolation) {
		return none, fmt.Errorf("%w: %s is locked", ErrInUse, path)
	}
	if err != nil {
		return none, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	return func() error { return syscall.CloseHandle(handle) }, nil
}
