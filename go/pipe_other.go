//go:build !linux

package kamera

import (
	"io"
	"os"
)

// takePipe returns what standard input and output were; what is printed from now on goes to standard error.
func takePipe() (io.Reader, io.Writer, error) {
	out := os.Stdout
	os.Stdout = os.Stderr
	return os.Stdin, out, nil
}
