package main

import (
	_ "embed"
	"io"
	"path/filepath"
	"text/template"

	"parley/cmd/compose"
)

//go:embed guide.txt
var guideText string

var guideTemplate = template.Must(template.New("guide").Parse(guideText))

// guide tells whoever has just started the program what to do next. The indented
// lines can be pasted into a shell as they are.
func guide(to io.Writer, s compose.Settings) error {
	data, err := filepath.Abs(s.DataDir)
	if err != nil {
		return err
	}
	return guideTemplate.Execute(to, map[string]any{
		"URL":  s.PublicURL,
		"Hub":  s.HubURL,
		"Data": data,
		"Try":  s.Loopback() && s.TLSCert == "" && s.Registration == compose.Open,
	})
}
