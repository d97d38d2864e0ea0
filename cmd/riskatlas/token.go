package main

import (
	"fmt"
	"os"

	"riskatlas/api"
)

type tokenCommand struct {
	Name string `arg:"" help:"Whose it is: the author that history names. 1 to 64 letters, digits and . _ @ -"`
	Role string `help:"What it may do: reader sees who changed what, editor changes the city." enum:"reader,editor" required:""`
}

// Run prints the token, which is nowhere kept, and the line for the file.
func (c *tokenCommand) Run(p *process) error {
	role, err := api.ParseRole(c.Role)
	if err != nil {
		return err
	}
	token, line, err := api.NewToken(c.Name, role)
	if err != nil {
		return err
	}
	fmt.Fprintln(p.err, "The token, which is shown this once, then its line for the file of 'serve --tokens FILE':")
	fmt.Fprintln(p.out, token)
	fmt.Fprintln(p.out, line)
	return nil
}

// readTokens reads the file of tokens; no path: there is none.
func readTokens(path string) (*api.Tokens, error) {
	if path == "" {
		return nil, nil
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("--tokens: %w", err)
	}
	defer file.Close()
	tokens, err := api.ReadTokens(file)
	if err != nil {
		return nil, fmt.Errorf("--tokens %s: %w", path, err)
	}
	return tokens, nil
}
