package main_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Mercure: A5.
func TestTLSServesHTTP2(t *testing.T) {
	folder := t.TempDir()
	cert, key, trusted := certificate(t, folder)
	s := serve(t, folder, "PARLEY_TLS_CERT="+cert, "PARLEY_TLS_KEY="+key)
	if !strings.HasPrefix(s.url, "https://127.0.0.1:") {
		t.Errorf("it serves %s, want https", s.url)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted}, ForceAttemptHTTP2: true}
	t.Cleanup(transport.CloseIdleConnections)
	ada := &person{at: s, client: &http.Client{Transport: transport}}
	response, err := ada.client.Get(s.url + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.ProtoMajor != 2 || response.StatusCode != http.StatusOK {
		t.Errorf("got %s and status %d, want HTTP/2 and 200", response.Proto, response.StatusCode)
	}

	account := map[string]any{"email": "ada@example.org", "password": "a password of ada", "displayName": "ada"}
	ada.must(t, http.StatusCreated, "POST", "/api/auth/register", account)
	ada.logIn(t, "ada")
	room := ada.room(t)
	line := ada.listen(t, room, "")
	hear(t, line, "stream.opened")
	ada.say(t, room, "hello")
	if got := hear(t, line, "message")["content"]; got != "hello" {
		t.Errorf("got %v, want what was said", got)
	}
	if code, took := s.end(t); code != 0 || took > mostForEnding {
		t.Errorf("got exit code %d after %v, want 0 within %v", code, took, mostForEnding)
	}
	if closing := hear(t, line, "stream.closing"); closing["reason"] != "drain" {
		t.Errorf("got %v, want to be told of the end", closing)
	}
}

// certificate makes one for 127.0.0.1 that signs itself.
func certificate(t *testing.T, folder string) (cert, key string, trusted *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(time.Hour),
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	made, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	for path, block := range map[string]*pem.Block{
		cert: {Type: "CERTIFICATE", Bytes: made},
		key:  {Type: "PRIVATE KEY", Bytes: secret},
	} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	parsed, err := x509.ParseCertificate(made)
	if err != nil {
		t.Fatal(err)
	}
	trusted = x509.NewCertPool()
	trusted.AddCert(parsed)
	return cert, key, trusted
}
