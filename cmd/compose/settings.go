package compose

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
)

// Settings is what an operator decides. The zero value of a limit switches it
// off.
type Settings struct {
	Listen    string `env:"PARLEY_LISTEN" envDefault:"127.0.0.1:8080"`
	PublicURL string `env:"PARLEY_PUBLIC_URL"` // empty: that of Listen
	HubURL    string `env:"MERCURE_PUBLIC_URL"`
	TLSCert   string `env:"PARLEY_TLS_CERT"`
	TLSKey    string `env:"PARLEY_TLS_KEY"`

	Database            string `env:"DATABASE_URL"` // empty: SQLite in DataDir
	AllowUnsafeDatabase bool   `env:"PARLEY_ALLOW_UNSAFE_DATABASE"`
	DataDir             string `env:"PARLEY_DATA_DIR" envDefault:"./data"`
	MasterKey           string `env:"PARLEY_MASTER_KEY"` // empty: keys are files in DataDir

	ExternalHub   string `env:"MERCURE_URL"`                        // empty: the embedded one
	HubSecret     string `env:"MERCURE_JWT_SECRET"`                 // of both roles
	PublisherKey  string `env:"MERCURE_PUBLISHER_JWT_KEY"`          // empty: HubSecret
	SubscriberKey string `env:"MERCURE_SUBSCRIBER_JWT_KEY"`         // empty: HubSecret
	HubAlgorithm  string `env:"MERCURE_JWT_ALG" envDefault:"HS256"` // of the keys that are given
	Anonymous     bool   `env:"MERCURE_ANONYMOUS"`                  // nobody in particular may listen to what is public
	QueryToken    bool   `env:"MERCURE_QUERY_TOKEN"`                // a token may stand in the URL of the stream

	Bus Ringing `env:"PARLEY_BUS" envDefault:"none"`

	CORSOrigins  []string     `env:"PARLEY_CORS_ORIGINS"`
	Registration Registration `env:"PARLEY_REGISTRATION" envDefault:"open"`

	TrustedProxies Networks `env:"PARLEY_TRUSTED_PROXIES"`

	RateMessages   int `env:"PARLEY_RATE_MESSAGES" envDefault:"60"` // a minute and user
	RateBurst      int `env:"PARLEY_RATE_BURST" envDefault:"20"`
	StreamsPerUser int `env:"PARLEY_STREAMS_PER_USER" envDefault:"20"`
	StreamsTotal   int `env:"PARLEY_STREAMS_TOTAL" envDefault:"0"`

	StreamsPerAddress int `env:"PARLEY_STREAMS_PER_ADDRESS" envDefault:"0"` // of those that no user has

	StreamMaxAge  time.Duration `env:"PARLEY_STREAM_MAX_AGE" envDefault:"15m"`
	SessionIdle   Span          `env:"PARLEY_SESSION_IDLE" envDefault:"7d"`
	SessionMax    Span          `env:"PARLEY_SESSION_MAX" envDefault:"30d"`
	RetentionDays int           `env:"PARLEY_RETENTION_DAYS" envDefault:"0"` // 0: everything is kept

	HubRetentionDays int `env:"PARLEY_HUB_RETENTION_DAYS" envDefault:"0"` // of third parties' updates; 0: as all else

	LogLevel  slog.Level `env:"PARLEY_LOG_LEVEL" envDefault:"info"`
	LogFormat Format     `env:"PARLEY_LOG_FORMAT" envDefault:"text"`
}

// Registration says whether people can make accounts by themselves.
type Registration string

// The ways of registration.
const (
	Open   Registration = "open"
	Closed Registration = "closed"
)

// UnmarshalText takes nothing but the ways that there are.
func (r *Registration) UnmarshalText(text []byte) error {
	return oneOf(r, text, Open, Closed)
}

// Format is how the program writes its log.
type Format string

// The formats.
const (
	Text Format = "text"
	JSON Format = "json"
)

// UnmarshalText takes nothing but the formats that there are.
func (f *Format) UnmarshalText(text []byte) error {
	return oneOf(f, text, Text, JSON)
}

func oneOf[T ~string](into *T, text []byte, those ...T) error {
	if !slices.Contains(those, T(text)) {
		return fmt.Errorf("must be one of %q", those)
	}
	*into = T(text)
	return nil
}

// Read takes the settings from an environment, such as [os.Environ] returns. An
// empty value is none. The names that look like settings and are not come back
// apart, to warn of: a typing error must not go unseen, and a setting of a newer
// version must not stop an older one.
func Read(environ []string) (s Settings, unknown []string, err error) {
	values := make(map[string]string, len(environ))
	for _, line := range environ {
		if name, value, _ := strings.Cut(line, "="); value != "" {
			values[name] = value
		}
	}
	if err := env.ParseWithOptions(&s, env.Options{Environment: values}); err != nil {
		return Settings{}, nil, unreadable(err)
	}
	known := names()
	for _, name := range slices.Sorted(maps.Keys(values)) {
		ours := strings.HasPrefix(name, "PARLEY_") || strings.HasPrefix(name, "MERCURE_")
		if ours && !slices.Contains(slices.Collect(maps.Values(known)), name) {
			unknown = append(unknown, name)
		}
	}
	return s, unknown, s.check()
}

// names has the name of each setting by that of its field.
func names() map[string]string {
	all := make(map[string]string)
	for field := range reflect.TypeFor[Settings]().Fields() {
		all[field.Name] = field.Tag.Get("env")
	}
	return all
}

// unreadable turns what the parser found into a refusal of the first setting that
// it could not read.
func unreadable(err error) error {
	var wrong env.ParseError
	if !errors.As(err, &wrong) {
		return err
	}
	return Refusal{Setting: names()[wrong.Name], Why: fmt.Errorf("cannot be read as what it should be: %w", plainly(wrong.Err))}
}

// plainly says what is expected where the parser says what it did.
func plainly(err error) error {
	number := new(strconv.NumError)
	switch {
	case !errors.As(err, &number):
		return err
	case number.Func == "ParseBool":
		return fmt.Errorf("%q is neither true nor false", number.Num)
	case errors.Is(err, strconv.ErrRange):
		return fmt.Errorf("%s is too large", number.Num)
	default:
		return fmt.Errorf("%q is no whole number", number.Num)
	}
}

// Refusal says which setting keeps the program from starting, and why.
type Refusal struct {
	Setting string
	Why     error
}

// Error is one line.
func (r Refusal) Error() string {
	return strings.Join(strings.Fields(r.Setting+": "+r.Why.Error()), " ")
}

func (r Refusal) Unwrap() error { return r.Why }

func refuse(setting, format string, args ...any) error {
	return Refusal{Setting: setting, Why: fmt.Errorf(format, args...)}
}
