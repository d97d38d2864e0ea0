package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"gopkg.in/yaml.v3"

	"riskatlas/api"
)

// readWebhooks reads a file of web hooks: YAML or JSON, a list of name, url, secret
// and subscribe.
func readWebhooks(path string) ([]api.Webhook, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("--webhooks: %w", err)
	}
	var hooks []api.Webhook
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&hooks); err != nil && !errors.Is(err, io.EOF) {
		// The text of the error may show what stands in the file.
		return nil, fmt.Errorf("--webhooks %s: want a list of hooks, each with name, url, secret and, if not for everything, subscribe (a query as /api/v1/events takes it)", path)
	}
	return hooks, nil
}
