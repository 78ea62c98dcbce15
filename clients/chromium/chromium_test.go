package chromium_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parley/clients/chromium"
)

func TestAPageIsReadAfterItsScriptsHaveRun(t *testing.T) {
	page := filepath.Join(t.TempDir(), "a page #1.html")
	if err := os.WriteFile(page, []byte(`<p></p><script>document.querySelector("p").textContent = 6 * 7</script>`), 0o600); err != nil {
		t.Fatal(err)
	}
	if document := chromium.DumpDOM(t, page); !strings.Contains(document, "<p>42</p>") {
		t.Errorf("the document is\n%s", document)
	}
}

func TestTheBrowserIsTheOneThatIsNamed(t *testing.T) {
	given := filepath.Join(t.TempDir(), "mine")
	if err := os.WriteFile(given, []byte("#!/bin/sh\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("CHROME", given)
	if found := chromium.Find(t); found != given {
		t.Errorf("found %s, want %s", found, given)
	}
}
