package livingdoc

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// What draws the page is fetched when one is wanted, and not kept here: it is
// close to a megabyte of generated script that nobody here reads or changes, and
// nothing but the page needs it. It is taken only if it is to the byte what was
// looked at when this was written.
const (
	drawer    = "@cucumber/html-formatter@24.2.0"
	drawerSum = "6Y5ijKyFeNiaMdcYna/fo1Bluzebm8L+vSAyuymIt7Dxu5Fq1sDYMGqR1rYeuNdJmXyu/YRtGLOsrZdCJCQGIg=="
	drawerTar = "cucumber-html-formatter-24.2.0.tgz"
)

// Fetch returns what draws the page, through the npm client and so from the
// registry that it is set to, or from the folder where it was kept the last time.
func Fetch(ctx context.Context, folder string) (*Drawing, error) {
	kept := filepath.Join(folder, drawerTar)
	archive, err := os.ReadFile(kept)
	if errors.Is(err, os.ErrNotExist) {
		if err = download(ctx, folder, kept); err == nil {
			archive, err = os.ReadFile(kept)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("fetch what draws the page, %s: %w", drawer, err)
	}
	return unpack(archive, drawerSum)
}

// download gets the archive into a folder of its own and then moves it, whole.
func download(ctx context.Context, folder, to string) error {
	if _, err := exec.LookPath("npm"); err != nil {
		return fmt.Errorf("npm is not installed; it comes with Node.js, or else put the package's archive at %s", to)
	}
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return err
	}
	work, err := os.MkdirTemp(folder, "fetching")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(work) }()
	npm := exec.CommandContext(ctx, "npm", "pack", "--silent", drawer)
	npm.Dir = work
	if out, err := npm.CombinedOutput(); err != nil {
		return fmt.Errorf("npm pack: %w\n%s", err, out)
	}
	return os.Rename(filepath.Join(work, drawerTar), to)
}

// unpack takes the drawing out of an archive with this checksum.
func unpack(archive []byte, sum string) (*Drawing, error) {
	if is := sha512.Sum512(archive); base64.StdEncoding.EncodeToString(is[:]) != sum {
		return nil, fmt.Errorf("%s is not what it was: its checksum is another", drawer)
	}
	unzipped, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		return nil, fmt.Errorf("unpack %s: %w", drawer, err)
	}
	found := make(map[string][]byte)
	for files := tar.NewReader(unzipped); ; {
		file, err := files.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			found[file.Name], err = io.ReadAll(files)
		}
		if err != nil {
			return nil, fmt.Errorf("unpack %s: %w", drawer, err)
		}
	}
	d := &Drawing{
		script: found["package/dist/main.js"], style: found["package/dist/main.css"],
		licences: append(found["package/LICENSE"], found["package/dist/main.js.LICENSE.txt"]...),
	}
	if len(d.script) == 0 || len(d.style) == 0 || len(d.licences) == 0 {
		return nil, fmt.Errorf("%s has no script, style or licence", drawer)
	}
	return d, nil
}
