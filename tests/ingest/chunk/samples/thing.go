// Package p is.
package p

import (
	"fmt"
)

// A is a thing.
type A struct {
	x int
}

type (
	// B does.
	B interface {
		F()
	}
	C int
	D struct {
		y int
	}
)

const K = 3

// Do does.
func (a *A[T]) Do(x, y int, z ...string) (int, error) {
	return 1, nil
}

func main() {
	fmt.Println("hi")
}
