package token

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"
)

// beginsPEM is how every key in PEM begins.
const beginsPEM = "-----BEGIN "

// IsPEM reports whether a text is meant to be a key in PEM.
func IsPEM(text string) bool { return strings.HasPrefix(strings.TrimSpace(text), beginsPEM) }

// NewHubPEM is a key in PEM: a public one, which verifies, or a private one, which
// signs, too. Where line ends were written as \n, as one does in files of
// settings, they are understood.
func NewHubPEM(algorithm, text string) (*HubKey, error) {
	method := algorithms[algorithm]
	if method == nil || IsSecret(algorithm) {
		return nil, fmt.Errorf("%w: %s takes a secret, and this is a key in PEM", ErrUnfit, algorithm)
	}
	public, private, err := parsePEM(strings.ReplaceAll(strings.TrimSpace(text), `\n`, "\n"))
	if err != nil {
		return nil, err
	}
	if err := fits(method, public); err != nil {
		return nil, err
	}
	encoded, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return nil, ErrUnfit
	}
	return &HubKey{method: method, private: private, keys: verifying{print: printOf(encoded), key: public}}, nil
}

// parsePEM reads the first block; what an error of it would say of the key, is not
// told.
func parsePEM(text string) (public, private any, err error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, nil, fmt.Errorf("%w: it is not PEM", ErrUnfit)
	}
	switch block.Type {
	case "PUBLIC KEY":
		public, err = x509.ParsePKIXPublicKey(block.Bytes)
	case "RSA PUBLIC KEY":
		public, err = x509.ParsePKCS1PublicKey(block.Bytes)
	case "PRIVATE KEY":
		private, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	case "RSA PRIVATE KEY":
		private, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		private, err = x509.ParseECPrivateKey(block.Bytes)
	default:
		return nil, nil, fmt.Errorf("%w: it is neither a public nor a private key", ErrUnfit)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%w: its block cannot be read", ErrUnfit)
	}
	if private == nil {
		return public, nil, nil
	}
	signer, ok := private.(crypto.Signer)
	if !ok {
		return nil, nil, fmt.Errorf("%w: it cannot sign", ErrUnfit)
	}
	return signer.Public(), private, nil
}
