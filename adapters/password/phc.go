package password

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
)

const (
	saltSize = 16
	keySize  = 32
)

// costs is how much work a guess takes.
type costs struct {
	memory uint32 // KiB
	passes uint32
	lanes  uint8
}

// standard is the least that OWASP recommends.
var standard = costs{memory: 19_456, passes: 2, lanes: 1}

// The most that a stored hash can ask for. Whoever can write to the database
// must not be able to stop the program with one row.
const (
	maxMemory = 128 << 10 // KiB
	maxPasses = 16
	maxLanes  = 16
	maxField  = 64 // bytes of salt or key
	minSalt   = 8
	minKey    = 16
)

// errStored means that a stored hash was not made by this program, or costs more
// than it is willing to spend. It does not quote the hash.
var errStored = errors.New("password: a stored hash cannot be read")

// phc is a hash in the PHC string format:
// $argon2id$v=19$m=19456,t=2,p=1$salt$key
type phc struct {
	costs
	salt, key []byte
}

func (h phc) String() string {
	encode := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s",
		argon2.Version, h.memory, h.passes, h.lanes, encode(h.salt), encode(h.key))
}

func parse(text string) (phc, error) {
	fields := strings.Split(text, "$")
	if len(fields) != 6 || fields[0] != "" || fields[1] != "argon2id" || fields[2] != "v="+strconv.Itoa(argon2.Version) {
		return phc{}, errStored
	}
	c, err := parseCosts(fields[3])
	if err != nil {
		return phc{}, err
	}
	salt, err := field(fields[4], minSalt)
	if err != nil {
		return phc{}, err
	}
	key, err := field(fields[5], minKey)
	if err != nil {
		return phc{}, err
	}
	return phc{costs: c, salt: salt, key: key}, nil
}

// parseCosts reads m, t and p, in this order and nothing else, as the format
// prescribes.
func parseCosts(text string) (costs, error) {
	params := strings.Split(text, ",")
	if len(params) != 3 {
		return costs{}, errStored
	}
	var numbers [3]uint64
	for i, most := range [3]uint64{maxMemory, maxPasses, maxLanes} {
		digits, ok := strings.CutPrefix(params[i], "mtp"[i:i+1]+"=")
		number, err := strconv.ParseUint(digits, 10, 32)
		if !ok || err != nil || number < 1 || number > most {
			return costs{}, errStored
		}
		numbers[i] = number
	}
	return costs{memory: uint32(numbers[0]), passes: uint32(numbers[1]), lanes: uint8(numbers[2])}, nil
}

func field(text string, least int) ([]byte, error) {
	raw, err := base64.RawStdEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) < least || len(raw) > maxField || strings.ContainsAny(text, "\r\n") {
		return nil, errStored
	}
	return raw, nil
}
