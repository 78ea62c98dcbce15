package livingdoc

import (
	"crypto/sha512"
	"encoding/base64"
)

// DrawerTar is what the archive is called.
const DrawerTar = drawerTar

// Unpack unpacks an archive; without a checksum, one of its own.
func Unpack(archive []byte, sum string) (*Drawing, error) {
	if sum == "" {
		is := sha512.Sum512(archive)
		sum = base64.StdEncoding.EncodeToString(is[:])
	}
	return unpack(archive, sum)
}
