// Package variant builds copies of the program that ships, with a few lines of
// them changed: to die at a chosen point, or to be wrong on purpose. The source
// itself knows nothing of it. An edit is a piece of a file's text and what stands
// there instead; `go build -overlay` builds the program as if it stood there.
package variant

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

// Edit changes one place of one file.
type Edit struct {
	File string // from the root of the module on, with slashes
	From string // stands in it exactly once
	To   string
}

// Variant is the program with edits, which are made in this order.
type Variant struct {
	Name  string
	Edits []Edit
}

// Files returns the files that are changed, as they read then. An edit that finds
// its text not at all, or more than once, is an error, and so is one that changes
// nothing that the program does.
func (v Variant) Files(root string) (map[string]string, error) {
	files := make(map[string]string)
	for _, e := range v.Edits {
		text, edited := files[e.File]
		if !edited {
			read, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(e.File)))
			if err != nil {
				return nil, fmt.Errorf("variant %q: %w", v.Name, err)
			}
			text = string(read)
		}
		changed, err := e.apply(text)
		if err != nil {
			return nil, fmt.Errorf("variant %q: %s: %w", v.Name, e.File, err)
		}
		files[e.File] = changed
	}
	return files, nil
}

// Build builds the variant of the module at root as a program in a folder, and
// returns its path. What the linker adds for debuggers is left out: it is most of
// the time that a build takes.
func (v Variant) Build(ctx context.Context, root, folder string) (program string, err error) {
	files, err := v.Files(root)
	if err != nil {
		return "", err
	}
	replaced := make(map[string]string, len(files))
	for _, file := range slices.Sorted(maps.Keys(files)) {
		stand := filepath.Join(folder, fmt.Sprintf("%d%s", len(replaced), filepath.Ext(file)))
		if err := os.WriteFile(stand, []byte(files[file]), 0o600); err != nil {
			return "", err
		}
		replaced[filepath.Join(root, filepath.FromSlash(file))] = stand
	}
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": replaced})
	if err != nil {
		return "", err
	}
	list := filepath.Join(folder, "overlay.json")
	if err := os.WriteFile(list, overlay, 0o600); err != nil {
		return "", err
	}
	program = filepath.Join(folder, "parley")
	build := exec.CommandContext(ctx, "go", "build", "-overlay", list, "-ldflags=-s -w", "-o", program, "./cmd/parley") //nolint:gosec // all of it is ours
	build.Dir = root
	if said, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("variant %q does not build: %w\n%s", v.Name, err, said)
	}
	return program, nil
}
