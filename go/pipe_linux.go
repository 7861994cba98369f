package kamera

import (
	"io"
	"syscall"
	"unsafe"
)

// takePipe returns what standard input and output were; what is printed from now on goes to standard error.
func takePipe() (io.Reader, io.Writer, error) {
	out, err := syscall.Dup(1)
	if err != nil {
		return nil, nil, err
	}
	syscall.CloseOnExec(out)
	if err := syscall.Dup3(2, 1, 0); err != nil {
		return nil, nil, err
	}
	for _, descriptor := range []int{0, out} {
		if err := syscall.SetNonblock(descriptor, false); err != nil {
			return nil, nil, err
		}
	}
	return pipeEnd(0), pipeEnd(out), nil
}

// pipeEnd reads or writes a file descriptor without telling Go's scheduler that it waits: while Kamera thinks, nothing
// of this process is to run, and handing the processor to nobody and back costs more than what is read.
type pipeEnd int

func (p pipeEnd) Read(into []byte) (int, error) {
	n, err := p.call(syscall.SYS_READ, into)
	if err == nil && n == 0 {
		return 0, io.EOF
	}
	return n, err
}

func (p pipeEnd) Write(text []byte) (int, error) {
	written := 0
	for written < len(text) {
		n, err := p.call(syscall.SYS_WRITE, text[written:])
		if err != nil {
			return written, err
		}
		written += n
	}
	return written, nil
}

func (p pipeEnd) call(number uintptr, text []byte) (int, error) {
	for {
		n, _, errno := syscall.RawSyscall(number, uintptr(p), uintptr(unsafe.Pointer(unsafe.SliceData(text))), uintptr(len(text)))
		switch errno {
		case 0:
			return int(n), nil
		case syscall.EINTR:
		default:
			return 0, errno
		}
	}
}
