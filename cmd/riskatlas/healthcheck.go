package main

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

type healthcheckCommand struct {
	URL     string        `help:"The server's readiness address." default:"http://127.0.0.1:8080/readyz" env:"RISKATLAS_HEALTHCHECK_URL"`
	Timeout time.Duration `help:"How long to wait for the answer." default:"2s"`
}

func (c *healthcheckCommand) Run(p *process) error {
	ctx, cancel := context.WithTimeout(p, c.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.URL, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("the server does not answer: %w", err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the server answers %s", resp.Status)
	}
	return nil
}
