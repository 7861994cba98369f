package kamera

import (
	"os"
	"syscall"
)

// takeStdout returns what standard output was, and makes it standard error.
func takeStdout() (*os.File, error) {
	descriptor, err := syscall.Dup(1)
	if err != nil {
		return nil, err
	}
	syscall.CloseOnExec(descriptor)
	if err := syscall.Dup3(2, 1, 0); err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(descriptor), "kamera"), nil
}
