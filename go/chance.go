package kamera

import (
	"crypto/rand"
	"encoding/hex"
	"io"
)

// chance answers crypto/rand while a step runs: Kamera gives the bytes, so that a run can be repeated.
type chance struct {
	wire *wire
	real io.Reader
}

// takeChance puts Kamera behind rand.Read, rand.Text and whatever reads rand.Reader. Packages that took the reader when
// they were initialised (google/uuid) keep the real one.
func takeChance(w *wire) { rand.Reader = &chance{w, rand.Reader} }

func (c *chance) Read(bytes []byte) (int, error) {
	if !c.wire.isOpen() {
		return c.real.Read(bytes)
	}
	answer := c.wire.ask(call{Op: "random", What: "bytes", Bytes: len(bytes)})
	var text string
	if err := decode(answer.Value, &text); err != nil {
		return 0, err
	}
	return hex.Decode(bytes, []byte(text))
}
