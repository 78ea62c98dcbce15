//go:build !unix

package bunstoretest

import "errors"

func launch(string, []string) (string, error) {
	return "", errors.New("on this system it is not started for you")
}
