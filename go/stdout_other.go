//go:build !linux

package kamera

import "os"

// takeStdout returns what standard output was, and makes it standard error.
func takeStdout() (*os.File, error) {
	out := os.Stdout
	os.Stdout = os.Stderr
	return out, nil
}
