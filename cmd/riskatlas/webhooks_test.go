package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReadWebhooks(t *testing.T) {
	write := func(text string) string {
		path := filepath.Join(t.TempDir(), "hooks")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, text := range []string{
		"- name: duty\n  url: https://example.org/\n  secret: 0123456789abcdef\n  subscribe: lon=120.1&lat=30.2\n",
		`[{"name": "duty", "url": "https://example.org/", "secret": "0123456789abcdef", "subscribe": "lon=120.1&lat=30.2"}]`,
	} {
		hooks, err := readWebhooks(write(text))
		if err != nil || len(hooks) != 1 || hooks[0].Name != "duty" || hooks[0].Secret != "0123456789abcdef" || hooks[0].Subscribe != "lon=120.1&lat=30.2" {
			t.Errorf("%s: %v %v", text, hooks, err)
		}
	}
	if hooks, err := readWebhooks(write("")); err != nil || len(hooks) != 0 {
		t.Errorf("an empty file: %v %v", hooks, err)
	}
	for _, text := range []string{"- name: duty\n  sekret: topsecretvalue\n", "name: topsecretvalue", "- topsecretvalue", "- [", `[{"name": ["topsecretvalue"]}]`} {
		if _, err := readWebhooks(write(text)); err == nil || strings.Contains(err.Error(), "topsecretvalue") || !strings.Contains(err.Error(), "--webhooks") {
			t.Errorf("%s: %v", text, err)
		}
	}
	if _, err := readWebhooks(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a missing file is read")
	}
}
