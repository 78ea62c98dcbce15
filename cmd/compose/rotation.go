package compose

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"parley/adapters/keyring"
	"parley/adapters/token"
)

const (
	// keysEvery is how long a node may take to see that the keys were rotated.
	keysEvery = time.Second
	// signingLead is how long a new key is known before it signs: long enough for
	// every node's look, and for a shared folder that shows new files late.
	signingLead = time.Minute
)

// RotateKeys makes a new key that access tokens are signed with. It touches files
// alone: nodes that serve take it up by themselves, and no session ends.
func RotateKeys(s Settings, now time.Time, to io.Writer) error {
	if s.MasterKey != "" {
		return refuse("PARLEY_MASTER_KEY", "the keys that are derived from it are the same for ever; take another one, and parley keys adopt")
	}
	from, err := keyring.Rotate(s.keyFolder(), now, signingLead, token.Overlap)
	switch {
	case errors.Is(err, keyring.ErrTooMany):
		return err
	case err != nil:
		return Refusal{Setting: "PARLEY_DATA_DIR", Why: err}
	}
	_, err = fmt.Fprintf(to, "access tokens are signed with a new key from %s on; those of the old one are good for as long as they live\n",
		from.Format(time.RFC3339))
	return err
}

// signing are the keys of the ring that tokens are signed with.
func signing(keys []keyring.Signing) []token.Signing {
	all := make([]token.Signing, 0, len(keys))
	for _, key := range keys {
		all = append(all, token.Signing{Key: key.Key, From: key.From})
	}
	return all
}

// followKeys takes up what a rotation changes, until ctx ends. As long as the keys
// cannot be read, those from before stay, which is told once.
func (p *Program) followKeys(ctx context.Context) {
	if p.newKeys == nil {
		return
	}
	looks := time.NewTicker(keysEvery)
	defer looks.Stop()
	told := ""
	for {
		select {
		case <-ctx.Done():
			return
		case <-looks.C:
		}
		keys, err := p.newKeys()
		if err == nil {
			err = p.Tokens.Use(signing(keys))
		}
		if err == nil {
			told = ""
		} else if told != err.Error() {
			told = err.Error()
			p.log.Error("the signing keys cannot be read; those from before stay", slog.Any("error", err))
		}
	}
}
