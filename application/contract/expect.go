package contract

import (
	"errors"
	"fmt"
	"reflect"
)

// expect returns an error unless got is want.
func expect[T any](what string, got, want T) error {
	if !reflect.DeepEqual(got, want) {
		return fmt.Errorf("%s: got %+v, want %+v", what, got, want)
	}
	return nil
}

// refused returns an error unless err is the refusal that is wanted.
func refused(what string, err, want error) error {
	if !errors.Is(err, want) {
		return fmt.Errorf("%s: got %v, want the refusal %v", what, err, want)
	}
	return nil
}

// first is the first of several findings. Each is made only if those before it
// found nothing.
func first(findings ...func() error) error {
	for _, finding := range findings {
		if err := finding(); err != nil {
			return err
		}
	}
	return nil
}
