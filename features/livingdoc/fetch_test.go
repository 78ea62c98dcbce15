package livingdoc_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parley/features/livingdoc"
)

func TestWhatDrawsThePageIsTakenOnlyAsItWas(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, livingdoc.DrawerTar), archive(t, nil), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := livingdoc.Fetch(t.Context(), folder); err == nil || !strings.Contains(err.Error(), "checksum") {
		t.Errorf("another archive is taken: %v", err)
	}
	for _, missing := range []string{"package/dist/main.js", "package/dist/main.css", "package/LICENSE"} {
		if _, err := livingdoc.Unpack(archive(t, func(name string) bool { return name == missing }), ""); err == nil {
			t.Errorf("one without %s is taken", missing)
		}
	}
}

func TestWithoutNpmOneIsToldHowToGetThePage(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	folder := t.TempDir()
	_, err := livingdoc.Fetch(t.Context(), folder)
	if err == nil || !strings.Contains(err.Error(), "npm is not installed") || !strings.Contains(err.Error(), folder) {
		t.Errorf("got %v", err)
	}
}

// archive is one of what draws pages, without some of its files.
func archive(t *testing.T, missing func(string) bool) []byte {
	t.Helper()
	var packed bytes.Buffer
	zipped := gzip.NewWriter(&packed)
	files := tar.NewWriter(zipped)
	for name, text := range map[string]string{
		"package/dist/main.js": "the script", "package/dist/main.css": "the style", "package/LICENSE": "the licence",
	} {
		if missing != nil && missing(name) {
			continue
		}
		if err := files.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(text))}); err != nil {
			t.Fatal(err)
		}
		if _, err := files.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := files.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zipped.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}
