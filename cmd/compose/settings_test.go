package compose_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"parley/cmd/compose"
)

func TestWithoutSettingsTheEmbeddedDefaultIsServedOnLoopback(t *testing.T) {
	got, unknown, err := compose.Read(nil)
	if err != nil || unknown != nil {
		t.Fatal(err, unknown)
	}
	want := compose.Settings{
		Listen: "127.0.0.1:8080", DataDir: "./data", Registration: compose.Open,
		RateMessages: 60, RateBurst: 20, StreamsPerUser: 20, StreamMaxAge: 15 * time.Minute,
		SessionIdle: compose.Span(7 * 24 * time.Hour), SessionMax: compose.Span(30 * 24 * time.Hour),
		LogFormat: compose.Text, Bus: compose.NoRinging, HubAlgorithm: "HS256",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if !got.Loopback() {
		t.Error("the default is not loopback development")
	}
}

func TestAnEmptyValueIsNone(t *testing.T) {
	got, _, err := compose.Read([]string{"PARLEY_LISTEN=", "PARLEY_RATE_BURST=", "DATABASE_URL="})
	if err != nil {
		t.Fatal(err)
	}
	if got.Listen != "127.0.0.1:8080" || got.RateBurst != 20 {
		t.Errorf("got %+v, want the defaults", got)
	}
}

func TestUnknownSettingsAreToldAndNotRefused(t *testing.T) {
	_, unknown, err := compose.Read([]string{
		"PARLEY_RATE_MESAGES=1", "PARLEY_BUSES=2", "MERCURE_URI=http://hub", "PATH=/bin", "PARLEY_DATA_DIR=x",
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"MERCURE_URI", "PARLEY_BUSES", "PARLEY_RATE_MESAGES"}; !reflect.DeepEqual(unknown, want) {
		t.Errorf("got %v, want %v", unknown, want)
	}
}

const (
	open   = "PARLEY_LISTEN=0.0.0.0:8080"
	public = "PARLEY_PUBLIC_URL=https://chat.example.org"
	sample = "PARLEY_MASTER_KEY=!ChangeThisMercureHubJWTSecretKey!"
)

func TestWrongAndWeakSettingsAreRefusedByName(t *testing.T) {
	for name, environ := range map[string][]string{
		"PARLEY_PUBLIC_URL":                       {open},
		"PARLEY_PUBLIC_URL, everywhere on v6":     {"PARLEY_LISTEN=[::]:8080"},
		"PARLEY_PUBLIC_URL, no host":              {"PARLEY_LISTEN=:8080"},
		"PARLEY_PUBLIC_URL, a slash":              {open, public + "/"},
		"PARLEY_PUBLIC_URL, a path":               {open, public + "/chat"},
		"PARLEY_PUBLIC_URL, a query":              {open, public + "?a=b"},
		"PARLEY_PUBLIC_URL, a user":               {open, "PARLEY_PUBLIC_URL=https://me:secret@chat.example.org"},
		"PARLEY_PUBLIC_URL, no scheme":            {open, "PARLEY_PUBLIC_URL=chat.example.org"},
		"PARLEY_PUBLIC_URL, another scheme":       {open, "PARLEY_PUBLIC_URL=ftp://chat.example.org"},
		"PARLEY_LISTEN":                           {"PARLEY_LISTEN=8080"},
		"PARLEY_LISTEN, no port":                  {"PARLEY_LISTEN=127.0.0.1"},
		"PARLEY_LISTEN, no number":                {"PARLEY_LISTEN=127.0.0.1:http-alt"},
		"PARLEY_LISTEN, too large":                {"PARLEY_LISTEN=127.0.0.1:65536"},
		"PARLEY_MASTER_KEY":                       {"PARLEY_MASTER_KEY=short"},
		"PARLEY_MASTER_KEY, 31 bytes":             {open, public, "PARLEY_MASTER_KEY=" + strings.Repeat("k", 31)},
		"PARLEY_MASTER_KEY, a sample":             {open, public, sample},
		"PARLEY_MASTER_KEY, a sample, public URL": {public, sample},
		"PARLEY_CORS_ORIGINS":                     {"PARLEY_CORS_ORIGINS=*"},
		"PARLEY_CORS_ORIGINS, any host":           {"PARLEY_CORS_ORIGINS=https://*.example.org"},
		"PARLEY_CORS_ORIGINS, one of two":         {"PARLEY_CORS_ORIGINS=http://localhost:3000,*"},
		"PARLEY_CORS_ORIGINS, null":               {"PARLEY_CORS_ORIGINS=null"},
		"PARLEY_CORS_ORIGINS, a path":             {"PARLEY_CORS_ORIGINS=https://example.org/chat"},
		"PARLEY_CORS_ORIGINS, a slash":            {"PARLEY_CORS_ORIGINS=https://example.org/"},
		"PARLEY_CORS_ORIGINS, in the clear":       {"PARLEY_CORS_ORIGINS=http://example.org"},
		"PARLEY_CORS_ORIGINS, a port too many":    {"PARLEY_CORS_ORIGINS=https://example.org:443"},
		"PARLEY_CORS_ORIGINS, no ASCII":           {"PARLEY_CORS_ORIGINS=https://bücher.example"},
		"PARLEY_CORS_ORIGINS, no address":         {"PARLEY_CORS_ORIGINS=https://1.2.3"},
		"PARLEY_CORS_ORIGINS, no port":            {"PARLEY_CORS_ORIGINS=https://example.org:"},
		"PARLEY_PUBLIC_URL, a port too many":      {open, public + ":443"},
		"PARLEY_PUBLIC_URL, no port":              {open, public + ":"},
		"PARLEY_PUBLIC_URL, no ASCII":             {open, "PARLEY_PUBLIC_URL=https://bücher.example"},
		"PARLEY_TLS_KEY":                          {"PARLEY_TLS_CERT=cert.pem"},
		"PARLEY_TLS_CERT":                         {"PARLEY_TLS_KEY=key.pem"},
		"PARLEY_TLS_CERT, missing":                {"PARLEY_TLS_CERT=/none.pem", "PARLEY_TLS_KEY=/none.pem"},
		"PARLEY_REGISTRATION":                     {"PARLEY_REGISTRATION=sometimes"},
		"PARLEY_RATE_MESSAGES":                    {"PARLEY_RATE_MESSAGES=many"},
		"PARLEY_RATE_BURST":                       {"PARLEY_RATE_BURST=-1"},
		"PARLEY_STREAMS_PER_USER":                 {"PARLEY_STREAMS_PER_USER=-1"},
		"PARLEY_STREAM_MAX_AGE":                   {"PARLEY_STREAM_MAX_AGE=15"},
		"PARLEY_RETENTION_DAYS":                   {"PARLEY_RETENTION_DAYS=-1"},
		"PARLEY_RETENTION_DAYS, no number":        {"PARLEY_RETENTION_DAYS=30d"},
		"PARLEY_RETENTION_DAYS, too many":         {"PARLEY_RETENTION_DAYS=36601"},
		"PARLEY_HUB_RETENTION_DAYS":               {"PARLEY_HUB_RETENTION_DAYS=-1"},
		"PARLEY_HUB_RETENTION_DAYS, too many":     {"PARLEY_HUB_RETENTION_DAYS=36601"},
		"PARLEY_HUB_RETENTION_DAYS, beyond all":   {"PARLEY_RETENTION_DAYS=30", "PARLEY_HUB_RETENTION_DAYS=31"},
		"PARLEY_ALLOW_UNSAFE_DATABASE":            {"PARLEY_ALLOW_UNSAFE_DATABASE=perhaps"},
		"PARLEY_LOG_LEVEL":                        {"PARLEY_LOG_LEVEL=loud"},
		"PARLEY_LOG_FORMAT":                       {"PARLEY_LOG_FORMAT=xml"},
		"MERCURE_PUBLIC_URL":                      {"MERCURE_PUBLIC_URL=/hub"},
		"PARLEY_TRUSTED_PROXIES":                  {"PARLEY_TRUSTED_PROXIES=proxy.example.org"},
		"PARLEY_TRUSTED_PROXIES, one of two":      {"PARLEY_TRUSTED_PROXIES=10.0.0.0/8,10.0.0.0/33"},
		"PARLEY_TRUSTED_PROXIES, everybody":       {"PARLEY_TRUSTED_PROXIES=0.0.0.0/0"},
		"PARLEY_TRUSTED_PROXIES, everybody on v6": {"PARLEY_TRUSTED_PROXIES=::1,::/0"},
		"PARLEY_TRUSTED_PROXIES, v4 within v6":    {"PARLEY_TRUSTED_PROXIES=::ffff:10.0.0.0/104"},
		"PARLEY_BUS":                              {"PARLEY_BUS=carrier pigeons"},
		"PARLEY_BUS, on SQLite":                   {"PARLEY_BUS=postgres"},
		"PARLEY_STREAMS_PER_ADDRESS":              {"PARLEY_STREAMS_PER_ADDRESS=-1"},
		"MERCURE_ANONYMOUS":                       {"MERCURE_ANONYMOUS=perhaps"},
		"MERCURE_QUERY_TOKEN":                     {"MERCURE_QUERY_TOKEN=2"},
		"PARLEY_BUS, on SQLite by name":           {"PARLEY_BUS=postgres", "DATABASE_URL=sqlite::memory:"},
	} {
		if said := refused(t, name, environ); strings.Contains(said, "secret@") {
			t.Errorf("%s: the refusal shows a password: %s", name, said)
		}
	}
}

// refused is how an environment is refused: for the setting before the comma of
// its name, in one line that begins with the setting.
func refused(t *testing.T, name string, environ []string) (said string) {
	t.Helper()
	_, _, err := compose.Read(environ)
	var refusal compose.Refusal
	setting, _, _ := strings.Cut(name, ",")
	if !errors.As(err, &refusal) || refusal.Setting != setting {
		t.Errorf("%s: got %v, want it to be refused", name, err)
		return ""
	}
	if said = err.Error(); strings.Contains(said, "\n") || !strings.HasPrefix(said, setting+": ") {
		t.Errorf("%s: got %q, want one line that begins with the setting", name, said)
	}
	if strings.Contains(said, "strconv") {
		t.Errorf("%s: the refusal is in words of a library: %s", name, said)
	}
	return said
}

func TestWhatIsRightIsTaken(t *testing.T) {
	for name, environ := range map[string][]string{
		"a sample in loopback development": {sample},
		"loopback by name":                 {"PARLEY_LISTEN=localhost:0"},
		"loopback, v6":                     {"PARLEY_LISTEN=[::1]:8080"},
		"any address with a public URL":    {open, public},
		"a long master key":                {open, public, "PARLEY_MASTER_KEY=" + strings.Repeat("k", 32)},
		"origins":                          {"PARLEY_CORS_ORIGINS=http://localhost:3000, https://chat.example.org"},
		"limits switched off":              {"PARLEY_RATE_MESSAGES=0", "PARLEY_STREAMS_PER_USER=0", "PARLEY_STREAM_MAX_AGE=0"},
		"no registration":                  {"PARLEY_REGISTRATION=closed"},
		"a month of retention":             {"PARLEY_RETENTION_DAYS=30"},
		"a hundred years of retention":     {"PARLEY_RETENTION_DAYS=36600"},
		"updates of a week":                {"PARLEY_HUB_RETENTION_DAYS=7"},
		"updates of as long as all else":   {"PARLEY_RETENTION_DAYS=30", "PARLEY_HUB_RETENTION_DAYS=30"},
		"updates as all else":              {"PARLEY_RETENTION_DAYS=30", "PARLEY_HUB_RETENTION_DAYS=0"},
		"no ringing":                       {"PARLEY_BUS=none", "DATABASE_URL=sqlite::memory:"},
		"ringing by PostgreSQL":            {"PARLEY_BUS=postgres", "DATABASE_URL=postgres://chat@db/chat"},
		"a quiet log":                      {"PARLEY_LOG_LEVEL=WARN", "PARLEY_LOG_FORMAT=json"},
	} {
		if _, _, err := compose.Read(environ); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestProxiesAreNetworksOrAddresses(t *testing.T) {
	got, _, err := compose.Read([]string{"PARLEY_TRUSTED_PROXIES=10.1.2.3/8, ::1,192.0.2.1,::ffff:192.0.2.2, 2001:db8::/32"})
	if err != nil {
		t.Fatal(err)
	}
	if want := "[10.0.0.0/8 ::1/128 192.0.2.1/32 192.0.2.2/32 2001:db8::/32]"; fmt.Sprint(got.TrustedProxies) != want {
		t.Errorf("got %v, want %s", got.TrustedProxies, want)
	}
}

func TestLoopbackDevelopmentIsBothAddresses(t *testing.T) {
	for name, c := range map[string]struct {
		environ []string
		want    bool
	}{
		"both":           {[]string{"PARLEY_PUBLIC_URL=http://localhost:8080"}, true},
		"public beyond":  {[]string{public}, false},
		"listens beyond": {[]string{open, "PARLEY_PUBLIC_URL=http://localhost:8080"}, false},
	} {
		s, _, err := compose.Read(c.environ)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Loopback(); got != c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}
