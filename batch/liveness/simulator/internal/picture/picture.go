// Package picture makes what stands for the vendor's photos.
package picture

import "liverecon/batch/liveness/simulator/internal/dice"

// JPEG returns 3 to 6 kB that begin and end as a JPEG file does, drawn from the dice.
func JPEG(d dice.Dice) []byte {
	b := make([]byte, 3000+d.Below(3000))
	for i := range b {
		b[i] = byte(d.Next())
	}
	copy(b, "\xff\xd8\xff\xe0\x00\x10JFIF\x00")
	copy(b[len(b)-2:], "\xff\xd9")
	return b
}
